package transactions

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/jobs"
	"github.com/expenzez/infrastructure/lambdas/internal/quota"
	"github.com/expenzez/infrastructure/lambdas/internal/statementjob"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// fakeQuota holds subjects of one user, at most so many.
type fakeQuota struct {
	limit int
	taken map[string]bool
}

func (f *fakeQuota) Take(_ context.Context, _ quota.User, subject string) (added bool, err error) {
	if f.taken[subject] {
		return false, nil
	}
	if len(f.taken) == f.limit {
		return false, &quota.UsedUpError{Quota: "imports"}
	}
	f.taken[subject] = true
	return true, nil
}

func (f *fakeQuota) GiveBack(_ context.Context, _ quota.User, subject string) error {
	delete(f.taken, subject)
	return nil
}

// awaited is what each job of "user-1" comes to, at once if it is settled.
type awaited struct {
	result  statementjob.Statement
	err     error
	settled bool
}

func (a awaited) Get(_ context.Context, userID, id string) (statementjob.Statement, error) {
	if !a.settled {
		return statementjob.Statement{}, jobs.ErrPending
	}
	return a.Await(context.Background(), userID, id)
}

func (a awaited) Await(_ context.Context, userID, id string) (statementjob.Statement, error) {
	if userID != caller.UserID {
		return statementjob.Statement{}, fmt.Errorf("asked for the job %s of %s", id, userID)
	}
	return a.result, a.err
}

func (a awaited) Hash(_ context.Context, _, purpose string, parts ...string) (string, error) {
	return fmt.Sprintf("%s %q", purpose, parts), nil
}

// july is a statement that was read, and julyID what it is counted by.
var (
	barclays = "Barclays"
	july     = statementjob.Statement{Issuer: &barclays, Transactions: []statementjob.Transaction{{Date: "2026-07-01", Merchant: "Tesco", Type: "debit"}}}
)

const julyID = `statement ["Barclays" "" "" ""]`

func TestParse_Outcome_IsAnsweredAndCounted(t *testing.T) {
	const key = "users/user-1/a"
	for name, tc := range map[string]struct {
		job   awaited
		code  string
		rows  int
		taken bool
	}{
		"read":              {awaited{result: july}, "", 1, true},
		"read before":       {awaited{result: july, settled: true}, "", 1, true},
		"an unknown bank":   {awaited{}, "", 0, false},
		"not read yet":      {awaited{err: jobs.ErrPending}, "STATEMENT_NOT_READ", 0, false},
		"no PDF":            {awaited{err: &jobs.FailedError{Code: statementjob.NotPDF}}, statementjob.NotPDF, 0, false},
		"refused before":    {awaited{err: &jobs.FailedError{Code: statementjob.Unproven}, settled: true}, statementjob.Unproven, 0, false},
		"unknown failure":   {awaited{err: &jobs.FailedError{Code: "NEW"}}, apierror.Internal.Code, 0, false},
		"the table is down": {awaited{err: errDown}, apierror.Internal.Code, 0, false},
	} {
		uses := &fakeQuota{limit: 1, taken: map[string]bool{}}
		for range 2 { // the client asks again when its connection broke
			s := &statements{plans: fakePlans{"user-1": tables.Free}, imports: uses, jobs: tc.job}
			tc.job.settled = !errors.Is(tc.job.err, jobs.ErrPending)
			response, err := s.Parse(t.Context(), caller, parseRequest{Key: key})
			code := ""
			if err != nil {
				code = apierror.From(err).Code
			}
			want := []string(nil)
			if tc.taken {
				want = []string{julyID}
			}
			if got := slices.Collect(maps.Keys(uses.taken)); code != tc.code || len(response.Transactions) != tc.rows || !slices.Equal(got, want) {
				t.Errorf("%s: got %q, %d rows, taken %v", name, code, len(response.Transactions), got)
			}
		}
	}
}

// Each reason for which a reader refuses a statement has a response of its own.
func TestParse_Refusals_AreUnprocessableWithTheirCode(t *testing.T) {
	for _, code := range []string{
		statementjob.NotFound, statementjob.TooLarge, statementjob.NotPDF, statementjob.Encrypted, statementjob.NoText, statementjob.TooLong,
		statementjob.TooComplex, statementjob.Unreadable, statementjob.Unproven,
	} {
		s := &statements{plans: fakePlans{"user-1": tables.Free}, imports: &fakeQuota{limit: 1, taken: map[string]bool{}}, jobs: awaited{err: &jobs.FailedError{Code: code}}}
		_, err := s.Parse(t.Context(), caller, parseRequest{Key: "users/user-1/a"})
		if got := apierror.From(err); got.Status != http.StatusUnprocessableEntity || got.Code != code || got.Message == "" {
			t.Errorf("%s: got %+v", code, got)
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
	for name, job := range map[string]awaited{"not read": {}, "read before": {result: july, settled: true}} {
		s := &statements{plans: fakePlans{"user-1": tables.Free}, imports: &fakeQuota{}, jobs: job}
		_, err := s.Parse(t.Context(), caller, parseRequest{Key: "users/user-1/a"})
		if got := apierror.From(err); got.Code != "IMPORT_LIMIT_REACHED" || got.Status != 422 || got.Details == "" {
			t.Errorf("%s: got %+v", name, got)
		}
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

// An upload takes no import, so that only the limits keep one user from filling the reader.
func TestStatementUpload_URLsOfUser_AreFewAMinuteAndADay(t *testing.T) {
	most := map[time.Duration]int{}
	for _, limit := range StatementUpload.Routes[0].Limits {
		most[limit.Per] = limit.Requests
	}
	if !maps.Equal(most, map[time.Duration]int{time.Minute: 10, 24 * time.Hour: 60}) {
		t.Errorf("the limits are %v", most)
	}
}

type urls struct{}

func (urls) URL(_ context.Context, userID string) (url, key string, err error) {
	return "https://s3/users/" + userID + "/a", "users/" + userID + "/a", nil
}
