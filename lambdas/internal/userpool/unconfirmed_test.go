package userpool

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestListUnconfirmed_ReadsIDsPageByPage(t *testing.T) {
	var asked []string
	pool := poolWith(answering(func(request *http.Request) string {
		body, _ := io.ReadAll(request.Body)
		asked = append(asked, string(body))
		if strings.Contains(string(body), "PaginationToken") {
			return `{"Users":[]}`
		}
		return `{"PaginationToken":"more","Users":[{"Username":"ada","UserCreateDate":1772366400.5,"Attributes":[{"Name":"sub","Value":"user-1"}]}]}`
	}))
	users, next, err := pool.ListUnconfirmed(t.Context(), "")
	want := UnconfirmedUser{UserID: "user-1", CreatedAt: time.Date(2026, 3, 1, 12, 0, 0, 500_000_000, time.UTC)}
	if err != nil || next != "more" || !slices.Equal(users, []UnconfirmedUser{want}) {
		t.Errorf("got %+v, %q, %v", users, next, err)
	}
	if users, next, err := pool.ListUnconfirmed(t.Context(), next); err != nil || next != "" || len(users) != 0 {
		t.Errorf("the last page is %+v, %q, %v", users, next, err)
	}
	for i, page := range []string{"", `"PaginationToken":"more",`} {
		if want := `{"AttributesToGet":["sub"],"Filter":"cognito:user_status = \"UNCONFIRMED\"",` + page + `"UserPoolId":"pool"}`; asked[i] != want {
			t.Errorf("asked %s", asked[i])
		}
	}
}

func TestListUnconfirmed_RefusedPage_ReturnsErrUnknownPage(t *testing.T) {
	pool := poolWith(refusing{"InvalidParameterException", "Invalid pagination token"})
	if _, _, err := pool.ListUnconfirmed(t.Context(), "old"); !errors.Is(err, ErrUnknownPage) {
		t.Errorf("got %v", err)
	}
	if _, _, err := pool.ListUnconfirmed(t.Context(), ""); err == nil || errors.Is(err, ErrUnknownPage) {
		t.Errorf("the first page: got %v", err)
	}
}
