package main

import (
	"strings"
	"testing"
)

func TestRun_InvalidFlags_AreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"nothing":        {nil, "engine address"},
		"no API":         {[]string{"-engine", "http://127.0.0.1:1"}, "API id"},
		"a bad address":  {[]string{"-engine", "http://127.0.0.1:1", "-api", "a", "-listen", "8080"}, "8080"},
		"a strange flag": {[]string{"-port", "1"}, "port"},
	} {
		if err := run(c.args); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}
