package changes_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"

	"github.com/expenzez/infrastructure/delivery/changes"
)

// postScript returns the script of the workflow that posts the comment.
func postScript(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("../../.github/workflows/comment.yml")
	if err != nil {
		t.Fatal(err)
	}
	workflow, problems := actionlint.Parse(source)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, step := range workflow.Jobs["comment"].Steps {
		if run, is := step.Exec.(*actionlint.ExecRun); is && run.Shell != nil {
			return run.Run.Value
		}
	}
	t.Fatal("the workflow has no step with a script")
	return ""
}

// gitHub is the part of GitHub's API that the script calls.
type gitHub struct {
	head     string // the newest commit of pull request 7
	comments []comment
	posted   []string // requests that write
}

type comment struct {
	ID   int    `json:"id"`
	Body string `json:"body"`
	User struct {
		Login string `json:"login"`
	} `json:"user"`
}

func by(login string, id int, body string) comment {
	c := comment{ID: id, Body: body}
	c.User.Login = login
	return c
}

func (g *gitHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const repository = "/repos/shop/backend/"
	respond := func(value any) { _ = json.NewEncoder(w).Encode(value) }
	switch path := strings.TrimPrefix(r.URL.Path, repository); {
	case r.Header.Get("Authorization") != "Bearer token":
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method == http.MethodGet && path == "pulls" && r.URL.Query().Get("head") == "stranger:fix&state=all":
		respond([]map[string]any{{"number": 7, "head": map[string]any{"sha": g.head}}})
	case r.Method == http.MethodGet && path == "issues/7/comments":
		var page int
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
		respond(append([]comment{}, g.comments[min(len(g.comments), 100*(page-1)):min(len(g.comments), 100*page)]...))
	case r.Method == http.MethodPost || r.Method == http.MethodPatch:
		var body struct{ Body string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		g.posted = append(g.posted, r.Method+" "+path+" "+body.Body)
		respond(map[string]any{})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (g *gitHub) post(t *testing.T, text string) error {
	t.Helper()
	server := httptest.NewServer(g)
	defer server.Close()
	dir := t.TempDir()
	artifact := filepath.Join(dir, "artifact") // where the step before unpacks it
	if err := os.Mkdir(artifact, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(artifact, "comment.md"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("node", "-e", postScript(t))
	command.Env = append(os.Environ(), "GITHUB_API_URL="+server.URL, "GITHUB_REPOSITORY=shop/backend", "GH_TOKEN=token",
		"HEAD=stranger:fix&state=all", "COMMIT=abc", "RUNNER_TEMP="+dir)
	said, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	return nil
}

func TestCommentWorkflow_Posts_OneCommentThatIsUpdated(t *testing.T) {
	text := changes.Marker + "\nnew"
	manyOthers := make([]comment, 100)
	for i := range manyOthers {
		manyOthers[i] = by("someone", i, "hello")
	}
	for name, tc := range map[string]struct {
		gitHub gitHub
		text   string
		want   string
	}{
		"the first":              {gitHub{head: "abc"}, text, "POST issues/7/comments " + text},
		"a later one":            {gitHub{head: "abc", comments: []comment{by("github-actions[bot]", 3, changes.Marker+"old")}}, text, "PATCH issues/comments/3 " + text},
		"a later one, page 2":    {gitHub{head: "abc", comments: append(manyOthers, by("github-actions[bot]", 900, changes.Marker))}, text, "PATCH issues/comments/900 " + text},
		"a stranger's marker":    {gitHub{head: "abc", comments: []comment{by("stranger", 4, changes.Marker)}}, text, "POST issues/7/comments " + text},
		"a newer commit":         {gitHub{head: "def"}, text, ""},
		"a text of another kind": {gitHub{head: "abc"}, "Approved!", "POST issues/7/comments " + changes.Marker + "\nThe comparison failed. The log of the workflow \"changes\" says why."},
		"a text that is too long": {gitHub{head: "abc"}, changes.Marker + strings.Repeat("x", 70_000),
			"POST issues/7/comments " + changes.Marker + strings.Repeat("x", 65_000-len(changes.Marker))},
	} {
		t.Run(name, func(t *testing.T) {
			if err := tc.gitHub.post(t, tc.text); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(tc.gitHub.posted, "\n"); got != tc.want {
				t.Errorf("posted %.200q, want %.200q", got, tc.want)
			}
		})
	}
}
