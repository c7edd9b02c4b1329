package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/local"
)

func TestRun_WithoutStage(t *testing.T) {
	for _, c := range []struct {
		args    []string
		is      error
		says    string // in the error
		printed string
	}{
		{args: nil, says: "usage: stage up|down"},
		{args: []string{"fly"}, says: `unknown command "fly"; usage: stage up|down`},
		{args: []string{"url"}, is: local.ErrNotRunning},
		{args: []string{"mail"}, is: local.ErrNotRunning},
		{args: []string{"logs", "login"}, is: local.ErrNotRunning},
		{args: []string{"replay", "jobs"}, is: local.ErrNotRunning},
		{args: []string{"replay"}, says: "name the queue"},
		{args: []string{"down"}, printed: "Nothing is running.\n"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			var out bytes.Buffer
			err := run(t.Context(), c.args, local.Options{StateDir: t.TempDir()}, &out)
			if (err != nil) != (c.is != nil || c.says != "") || (c.is != nil && !errors.Is(err, c.is)) {
				t.Errorf("the error is %v", err)
			}
			if err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error does not say %q: %v", c.says, err)
			}
			if out.String() != c.printed {
				t.Errorf("printed %q", out.String())
			}
		})
	}
}

func TestUp_MissingTools_AreNamedFirst(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, command := range []string{"up", "install"} {
		err := run(t.Context(), []string{command}, local.Options{StateDir: t.TempDir()}, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), "Python is not installed") {
			t.Errorf("%s: the error is %v", command, err)
		}
	}
}

func TestRun_NothingDeployed(t *testing.T) {
	options := local.Options{StateDir: t.TempDir()}
	stage, err := local.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer stage.Stop() // the test stops it itself
	var out bytes.Buffer
	if err := run(t.Context(), []string{"url"}, options, &out); err == nil || !strings.Contains(err.Error(), "make up") {
		t.Errorf("url: the error is %v", err)
	}
	for command, printed := range map[string]string{
		"mail": "No e-mail was sent yet.\n", "logs": "Nothing is logged yet.\n", "logs login": "Nothing is logged yet under a name with \"login\" in it.\n",
	} {
		out.Reset()
		if err := run(t.Context(), strings.Fields(command), options, &out); err != nil || out.String() != printed {
			t.Errorf("%s printed %q, %v", command, out.String(), err)
		}
	}
	out.Reset()
	if err := run(t.Context(), []string{"down"}, options, &out); err != nil || !strings.HasPrefix(out.String(), "Stopped.") {
		t.Errorf("down printed %q, %v", out.String(), err)
	}
}
