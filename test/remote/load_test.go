package remote_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/test/remote"
)

func TestRunLoad_Thresholds_TellGoodStageFromBad(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		delay  time.Duration
		missed string
	}{
		"fast":    {http.StatusOK, 0, ""},
		"failing": {http.StatusInternalServerError, 0, "http_req_failed"},
		"slow":    {http.StatusOK, 600 * time.Millisecond, "http_req_duration"},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				if r.Method != http.MethodPost || r.URL.Path != "/transactions" || r.Header.Get("Authorization") != "Bearer hush" {
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				time.Sleep(c.delay)
				w.WriteHeader(c.status)
			}))
			defer server.Close()
			report, err := remote.RunLoad(t.Context(), "../..", server.URL, "hush", "RATE=1000", "SECONDS=2")
			if (err == nil) != (c.missed == "") || !strings.Contains(report, c.missed) {
				t.Errorf("k6 ended with %v:\n%s", err, report)
			}
			if strings.Contains(report, "hush") {
				t.Error("the report has the token")
			}
			if n := requests.Load(); n < 8 || n > 12 {
				t.Errorf("%d requests in 2 s, though the rate is at most 5 a second", n)
			}
		})
	}
}
