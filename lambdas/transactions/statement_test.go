package transactions

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/jobs"
	"github.com/expenzez/infrastructure/lambdas/internal/quota"
	"github.com/expenzez/infrastructure/lambdas/internal/uploads"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// fakeFiles are uploads by key.
type fakeFiles map[string]string

func (f fakeFiles) Read(_ context.Context, key, _ string) ([]byte, error) {
	content, ok := f[key]
	switch {
	case !ok:
		return nil, uploads.ErrNotFound
	case content == "huge":
		return nil, uploads.ErrTooLarge
	case content == "down":
		return nil, errDown
	}
	return []byte(content), nil
}

func (f fakeFiles) Delete(_ context.Context, key string) error {
	delete(f, key)
	return nil
}

// fakeJobs are settled jobs by id: a code of failure, or "done". The user "gone" has no account.
type fakeJobs map[string]string

func (f fakeJobs) settle(userID, id, outcome string) error {
	if userID == "gone" {
		return accounts.ErrNotFound
	}
	if f[id] == "" {
		f[id] = outcome
	}
	return nil
}

func (f fakeJobs) Settled(_ context.Context, userID, id string) (bool, error) {
	return f[id] != "", nil
}
func (f fakeJobs) Finish(_ context.Context, userID, id string, _ statement) error {
	return f.settle(userID, id, "done")
}
func (f fakeJobs) Fail(_ context.Context, userID, id, code string) error {
	return f.settle(userID, id, code)
}

func TestRead_Upload_SettlesItsJobAndIsDeleted(t *testing.T) {
	for name, tc := range map[string]struct {
		key, content, settled, want string
		kept                        bool
	}{
		"a PDF":                {"users/ada/a", "%PDF-1.7 …", "", "done", false},
		"a PDF with a preface": {"users/ada/a", "\xef\xbb\xbfjunk%PDF-1.4", "", "done", false},
		"an image":             {"users/ada/a", "\x89PNG", "", statementNotPDF, false},
		"an empty file":        {"users/ada/a", "", "", statementNotPDF, false},
		"a huge file":          {"users/ada/a", "huge", "", statementTooLarge, false},
		"settled before":       {"users/ada/a", "\x89PNG", "done", "done", false},
		"S3 is down":           {"users/ada/a", "down", "", "", true},
		"a deleted account":    {"users/gone/a", "%PDF-1.7", "", "", false},
		"a key of none":        {"elsewhere/a", "%PDF-1.7", "", "", false},
	} {
		files, done := fakeFiles{tc.key: tc.content}, fakeJobs{}
		if tc.settled != "" {
			done[tc.key] = tc.settled
		}
		err := (&statementReader{files: files, jobs: done}).Read(t.Context(), function.Upload{Key: tc.key})
		if (err != nil) != tc.kept || done[tc.key] != tc.want || (len(files) > 0) != tc.kept {
			t.Errorf("%s: got %v, the job is %q, left %v", name, err, done[tc.key], files)
		}
	}
}

func TestRead_UploadThatIsGone_FailsItsJob(t *testing.T) {
	done := fakeJobs{}
	if err := (&statementReader{files: fakeFiles{}, jobs: done}).Read(t.Context(), function.Upload{Key: "users/ada/a"}); err != nil || done["users/ada/a"] != statementMissing {
		t.Errorf("got %v, %v", err, done)
	}
}

// fakeQuota holds subjects of one user, at most so many.
type fakeQuota struct {
	limit int
	taken map[string]bool
}

func (f *fakeQuota) Take(_ context.Context, _ quota.User, subject string) error {
	if !f.taken[subject] && len(f.taken) == f.limit {
		return &quota.UsedUpError{Quota: "imports"}
	}
	f.taken[subject] = true
	return nil
}

func (f *fakeQuota) GiveBack(_ context.Context, _ quota.User, subject string) error {
	delete(f.taken, subject)
	return nil
}

// awaited is what each job of "user-1" comes to.
type awaited struct {
	result statement
	err    error
}

func (a awaited) Await(_ context.Context, userID, id string) (statement, error) {
	if userID != caller.UserID {
		return statement{}, fmt.Errorf("asked for the job %s of %s", id, userID)
	}
	return a.result, a.err
}

func TestParse_Outcome_IsAnsweredAndCounted(t *testing.T) {
	rows := statement{Transactions: []statementTransaction{{Date: "2026-07-01", Merchant: "Tesco", Type: "debit"}}}
	const key = "users/user-1/a"
	for name, tc := range map[string]struct {
		job   awaited
		code  string
		rows  int
		taken bool
	}{
		"read":              {awaited{result: rows}, "", 1, true},
		"an unknown bank":   {awaited{}, "", 0, false},
		"not read yet":      {awaited{err: jobs.ErrPending}, "STATEMENT_NOT_READ", 0, false},
		"no PDF":            {awaited{err: &jobs.FailedError{Code: statementNotPDF}}, statementNotPDF, 0, false},
		"too large":         {awaited{err: &jobs.FailedError{Code: statementTooLarge}}, statementTooLarge, 0, false},
		"gone":              {awaited{err: &jobs.FailedError{Code: statementMissing}}, statementMissing, 0, false},
		"unknown failure":   {awaited{err: &jobs.FailedError{Code: "NEW"}}, apierror.Internal.Code, 0, false},
		"the table is down": {awaited{err: errDown}, apierror.Internal.Code, 0, false},
	} {
		uses := &fakeQuota{limit: 1, taken: map[string]bool{}}
		s := &statements{plans: fakePlans{"user-1": tables.Free}, imports: uses, jobs: tc.job}
		response, err := s.Parse(t.Context(), caller, parseRequest{Key: key})
		code := ""
		if err != nil {
			code = apierror.From(err).Code
		}
		if code != tc.code || len(response.Transactions) != tc.rows || uses.taken[key] != tc.taken {
			t.Errorf("%s: got %q, %d rows, taken %v", name, code, len(response.Transactions), slices.Collect(maps.Keys(uses.taken)))
		}
	}
}

func TestParse_KeyOfAnotherUser_IsNotFoundAndTakesNothing(t *testing.T) {
	uses := &fakeQuota{limit: 1, taken: map[string]bool{}}
	s := &statements{plans: fakePlans{"user-1": tables.Free}, imports: uses, jobs: awaited{}}
	for _, key := range []string{"users/user-2/a", "users/user-1", "a", "users/user-1/a/b"} {
		if _, err := s.Parse(t.Context(), caller, parseRequest{Key: key}); !errors.Is(err, errNoStatement) || len(uses.taken) > 0 {
			t.Errorf("%s: got %v, taken %v", key, err, uses.taken)
		}
	}
}

func TestParse_QuotaUsedUp_SaysWhenItResets(t *testing.T) {
	s := &statements{plans: fakePlans{"user-1": tables.Free}, imports: &fakeQuota{}, jobs: awaited{}}
	_, err := s.Parse(t.Context(), caller, parseRequest{Key: "users/user-1/a"})
	if got := apierror.From(err); got.Code != "IMPORT_LIMIT_REACHED" || got.Status != 422 || got.Details == "" {
		t.Errorf("got %+v", got)
	}
}

func TestCreate_UploadURL_IsForTheCaller(t *testing.T) {
	free := importUsage{plans: fakePlans{"user-1": tables.Free}, imports: fakeUses{"user-1": 3}}
	response, err := (&statementUploads{free, urls{}}).Create(t.Context(), caller, function.NoInput{})
	if err != nil || response.Key != "users/user-1/a" || response.UploadURL != "https://s3/users/user-1/a" {
		t.Errorf("got %+v, %v", response, err)
	}
}

func TestCreate_QuotaUsedUp_GivesNoURL(t *testing.T) {
	used := importUsage{plans: fakePlans{"user-1": tables.Free}, imports: fakeUses{"user-1": 4}}
	_, err := (&statementUploads{used, urls{}}).Create(t.Context(), caller, function.NoInput{})
	if got := apierror.From(err); got.Code != "IMPORT_LIMIT_REACHED" || got.Status != 422 {
		t.Errorf("got %+v", got)
	}
}

type urls struct{}

func (urls) URL(_ context.Context, userID string) (url, key string, err error) {
	return "https://s3/users/" + userID + "/a", "users/" + userID + "/a", nil
}
