package fleet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/scimlint/scimlint/pkg/report"
)

// writeSARIF writes a run for each org, the one that scimlint check -o sarif writes for it.
func writeSARIF(w io.Writer, f *Fleet) error {
	if _, err := io.WriteString(w, `{"version":"2.1.0","$schema":"https://json.schemastore.org/sarif-2.1.0.json","runs":[`); err != nil {
		return err
	}
	between := ""
	err := f.each(func(row Row, r Record) error {
		run, err := sarifRun(row, r, f)
		if err != nil {
			return err
		}
		_, err = w.Write(append([]byte(between+"\n"), run...))
		between = ","
		return err
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n]}\n")
	return err
}

// sarifRun is the run of one org. Code scanning distinguishes runs by their id, which has
// the org's name.
func sarifRun(row Row, r Record, f *Fleet) ([]byte, error) {
	id := map[string]any{"id": "scimlint/fleet/" + row.Org + "/"}
	if r.Report == nil {
		return json.Marshal(map[string]any{
			"tool":              map[string]any{"driver": map[string]any{"name": "scimlint", "fullName": "scimlint " + f.Header.Tool.Version}},
			"automationDetails": id,
			"invocations": []any{map[string]any{"executionSuccessful": false, "exitCode": exitUsage, "startTimeUtc": r.Started,
				"toolExecutionNotifications": []any{map[string]any{"level": "error", "message": map[string]any{"text": report.Inert(r.Error)}}}}},
			"results": []any{},
		})
	}
	var buffer bytes.Buffer
	if err := report.Write(&buffer, "sarif", *r.Report, report.Options{}); err != nil {
		return nil, err
	}
	var log struct {
		Runs []map[string]json.RawMessage `json:"runs"`
	}
	if err := json.Unmarshal(buffer.Bytes(), &log); err != nil || len(log.Runs) != 1 {
		return nil, fmt.Errorf("sarif of %s: it has not one run: %w", row.Org, err)
	}
	var err error
	if log.Runs[0]["automationDetails"], err = json.Marshal(id); err != nil {
		return nil, err
	}
	data, err := json.Marshal(log.Runs[0])
	return report.EscapeJSON(data), err
}
