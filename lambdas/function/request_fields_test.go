package function_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
)

type owner struct {
	UserID string `path:"userId"`
}

type paging struct {
	Limit int    `query:"limit"`
	After string `query:"after" json:"cursor"` // a parameter keeps the name of its messages
}

type listRequest struct {
	owner
	paging
	Title  string `json:"title,omitempty"`
	Hidden string `json:"-"`
	Unread string
}

func TestRequestFields_EmbeddedStructs_AreRead(t *testing.T) {
	fields, err := function.RequestFields(new(listRequest))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, field := range fields {
		got = append(got, fmt.Sprint(field.From, " ", field.Parameter))
	}
	if want := "path userId, query limit, query after, body title"; strings.Join(got, ", ") != want {
		t.Errorf("got %v", got)
	}
}

func TestRequestFields_EmbeddedPointer_IsRefused(t *testing.T) {
	if _, err := function.RequestFields(new(struct{ *owner })); err == nil || !strings.Contains(err.Error(), "embed the struct") {
		t.Errorf("got %v", err)
	}
}

func TestRequestFields_NoStruct_HasNone(t *testing.T) {
	if fields, err := function.RequestFields(new(map[string]any)); err != nil || len(fields) > 0 {
		t.Errorf("got %v, %v", fields, err)
	}
}
