package simulator

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// benched is an org with an administrator and a number of users, called without a network.
func benched(b *testing.B, users int) (srv *Server, call func(method, path, body string) int) {
	b.Helper()
	s, err := Load([]byte("name: b\norg: {name: B}\nroles: [{name: all, policies: [\"*:*:*\"]}]\nclients: [{name: c, roles: [{role: all}]}]\ntokens: [{name: t, client: c}]\n"))
	require.NoError(b, err)
	srv = newServer(s)
	token := srv.Token("t")
	for i := range users {
		p := &person{User: User{Name: fmt.Sprint("User ", i), Email: fmt.Sprintf("user%d@b.example", i), Division: "Home"}}
		srv.scim.add(srv.numbered(p))
	}
	return srv, func(method, path, body string) int {
		req := httptest.NewRequest(method, path, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/scim+json")
		rec := httptest.NewRecorder()
		srv.ServeHTTP(rec, req)
		return rec.Code
	}
}

func (s *Server) numbered(p *person) *person {
	p.id, p.version = s.scim.nextID(), 1
	return p
}

func BenchmarkRead(b *testing.B) {
	srv, call := benched(b, 10000)
	id := srv.scim.people[5000].id
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if call(http.MethodGet, "/api/v2/scim/v2/users/"+id, "") != http.StatusOK {
				b.Error("not read")
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reads/s")
}

func BenchmarkFindByUserName(b *testing.B) {
	_, call := benched(b, 10000)
	for b.Loop() {
		if call(http.MethodGet, "/api/v2/scim/v2/Users?filter=userName%20eq%20%22user5000@b.example%22", "") != http.StatusOK {
			b.Fatal("not found")
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reads/s")
}

func BenchmarkCreate(b *testing.B) {
	_, call := benched(b, 0)
	i := 0
	for b.Loop() {
		i++
		body := fmt.Sprintf(`{"schemas":["%s"],"userName":"new%d@b.example","displayName":"New","active":true,"emails":[{"type":"work","value":"w%d@b.example"}]}`, userSchema, i, i)
		if code := call(http.MethodPost, "/api/v2/scim/v2/users", body); code != http.StatusCreated {
			b.Fatal(code)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
}

// BenchmarkMillionUsers prints what a million users cost in memory.
func BenchmarkMillionUsers(b *testing.B) {
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		srv, call := benched(b, 1_000_000)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
		require.Equal(b, http.StatusOK, call(http.MethodGet, "/api/v2/scim/v2/users/"+srv.scim.people[999_999].id, ""))
	}
}

// BenchmarkServed reads over loopback, as a client does.
func BenchmarkServed(b *testing.B) {
	srv, _ := benched(b, 1000)
	web := httptest.NewServer(srv)
	defer web.Close()
	id, token := srv.scim.people[500].id, srv.Token("t")
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req, _ := http.NewRequest(http.MethodGet, web.URL+"/api/v2/scim/v2/users/"+id, nil)
			req.Header.Set("Authorization", "Bearer "+token)
			resp, err := client.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			_ = resp.Body.Close()
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reads/s")
}
