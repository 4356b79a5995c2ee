package evidence

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/scimlint/scimlint/internal/bounds"
)

// BundleFormat is the version of the bundle's form.
const BundleFormat = 1

// The bounds of a bundle that is read.
const (
	maxParts    = 64
	maxPart     = 16 << 20
	maxTotal    = 32 << 20
	maxManifest = 1 << 20
	manifest    = "manifest.json"
)

// Manifest says what a bundle contains.
type Manifest struct {
	Format      int       `json:"format"`
	ToolVersion string    `json:"toolVersion"`
	Catalogue   string    `json:"catalogue"`
	Taken       time.Time `json:"taken"`
	Org         string    `json:"organization,omitempty"`
	OrgID       string    `json:"organizationId,omitempty"`
	Client      string    `json:"client,omitempty"`
	ClientID    string    `json:"clientId,omitempty"`
	// Names says whether people keep their names or have pseudonyms.
	Names string `json:"names"`
	Parts []Part `json:"parts"`
}

// Part is one file of a bundle.
type Part struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Bytes  int    `json:"bytes"`
}

// NewManifest describes a snapshot that was redacted.
func NewManifest(s *Snapshot, toolVersion, catalogue string, keptNames bool) Manifest {
	m := Manifest{Format: BundleFormat, ToolVersion: toolVersion, Catalogue: catalogue, Taken: s.Taken, ClientID: s.Target.ClientID, Names: "pseudonyms"}
	if keptNames {
		m.Names = "kept"
	}
	if c, _ := s.OAuthClient(); c != nil {
		m.Client, m.ClientID = c.Name, c.ID
	}
	if s.Organization.Seen() {
		m.Org, m.OrgID = s.Organization.Value.Name, s.Organization.Value.ID
	}
	return m
}

// Parts divides a snapshot, a file of readable JSON for each fact.
func Parts(s *Snapshot) (map[string][]byte, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for key, raw := range fields {
		var readable bytes.Buffer
		if err := json.Indent(&readable, raw, "", "  "); err != nil {
			return nil, err
		}
		readable.WriteByte('\n')
		out["facts/"+key+".json"] = readable.Bytes()
	}
	return out, nil
}

// Pack makes a bundle of a redacted snapshot, the same bytes for the same
// snapshot.
func Pack(s *Snapshot, m Manifest) ([]byte, Manifest, error) {
	files, err := Parts(s)
	if err != nil {
		return nil, m, err
	}
	m.Parts = nil
	total := 0
	for _, data := range files {
		total += len(data)
	}
	if total > maxTotal {
		return nil, m, fmt.Errorf("the evidence has %d MB, and a bundle no more than %d MB", total>>20, maxTotal>>20)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		m.Parts = append(m.Parts, Part{Name: name, SHA256: fmt.Sprintf("%x", sha256.Sum256(files[name])), Bytes: len(files[name])})
	}
	head, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, m, err
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	add := func(name string, data []byte) {
		w, createErr := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: s.Taken})
		if createErr == nil {
			_, createErr = w.Write(data)
		}
		err = errors.Join(err, createErr)
	}
	add(manifest, append(head, '\n'))
	for _, p := range m.Parts {
		add(p.Name, files[p.Name])
	}
	err = errors.Join(err, z.Close()) // which writes the end of the file
	return out.Bytes(), m, err
}

// BundleError says why a bundle is refused.
type BundleError struct{ text string }

func (e *BundleError) Error() string { return e.text }

func refuse(format string, args ...any) error { return &BundleError{fmt.Sprintf(format, args...)} }

var partName = regexp.MustCompile(`^facts/[A-Za-z]{1,40}\.json$`)

// Unpack reads a bundle. It writes nothing anywhere, and refuses what is no
// bundle, what was changed, and what is larger than any bundle.
func Unpack(r io.ReaderAt, size int64) (*Snapshot, Manifest, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, Manifest{}, refuse("it is no bundle, or was cut off: scimlint capture writes a zip file")
	}
	m, err := readManifest(z)
	if err != nil {
		return nil, m, err
	}
	fields := map[string]json.RawMessage{}
	listed := map[string]bool{manifest: true}
	total := 0
	for _, p := range m.Parts {
		data, err := readPart(z, p)
		if err != nil {
			return nil, m, err
		}
		if total += len(data); total > maxTotal {
			return nil, m, refuse("it contains more than %d MB, more than any bundle", maxTotal>>20)
		}
		listed[p.Name] = true
		fields[p.Name[len("facts/"):len(p.Name)-len(".json")]] = data
	}
	for _, f := range z.File {
		if !listed[f.Name] {
			return nil, m, refuse("it contains the file %q, which its manifest does not list: it was changed", f.Name)
		}
	}
	data, err := json.Marshal(fields)
	if err != nil {
		return nil, m, refuse("a part of it is no JSON: it was changed")
	}
	if err := bounds.JSON(data); err != nil {
		return nil, m, refuse("it is no bundle of an org: %v", err)
	}
	var s Snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, m, refuse("a part of it is not of the form that this scimlint knows: %v", err)
	}
	return &s, m, nil
}

func readManifest(z *zip.Reader) (Manifest, error) {
	var m Manifest
	if len(z.File) == 0 || z.File[0].Name != manifest {
		return m, refuse("it is a zip file and no bundle: it does not begin with %s", manifest)
	}
	if len(z.File) > maxParts {
		return m, refuse("it contains %d files, more than any bundle", len(z.File))
	}
	names := map[string]bool{}
	for _, f := range z.File {
		// Programs do not agree on which of two entries of one name counts.
		if key := strings.ToLower(f.Name); names[key] {
			return m, refuse("it contains the file %q twice: it was changed", f.Name)
		}
		names[strings.ToLower(f.Name)] = true
	}
	data, err := readBounded(z.File[0], maxManifest)
	if err != nil {
		return m, err
	}
	if bounds.JSON(data) != nil || json.Unmarshal(data, &m) != nil || m.Format < 1 {
		return m, refuse("its manifest cannot be read: it is no bundle, or was changed")
	}
	if m.Format > BundleFormat {
		return m, refuse("it has the form %d and was made by scimlint %s; this scimlint reads up to %d: take a newer one", m.Format, m.ToolVersion, BundleFormat)
	}
	return m, nil
}

// readPart reads one part and compares it with the manifest.
func readPart(z *zip.Reader, p Part) ([]byte, error) {
	if !partName.MatchString(p.Name) {
		return nil, refuse("its manifest lists the file %q, which no bundle has: it was changed", p.Name)
	}
	at := slices.IndexFunc(z.File, func(f *zip.File) bool { return f.Name == p.Name })
	if at < 0 {
		return nil, refuse("the part %s is missing: it was changed", p.Name)
	}
	data, err := readBounded(z.File[at], maxPart)
	if err != nil {
		return nil, err
	}
	if fmt.Sprintf("%x", sha256.Sum256(data)) != p.SHA256 {
		return nil, refuse("the part %s is not what the manifest says: it was changed", p.Name)
	}
	return data, nil
}

// readBounded reads a file of a zip, whatever size its header claims.
func readBounded(f *zip.File, most int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, refuse("the file %q in it cannot be read: it was cut off or changed", f.Name)
	}
	defer func() { _ = r.Close() }()
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case err != nil:
		return nil, refuse("the file %q in it cannot be read: it was cut off or changed", f.Name)
	case int64(len(data)) > most:
		return nil, refuse("the file %q in it is larger than %d MB, more than any bundle's", f.Name, most>>20)
	}
	return data, nil
}
