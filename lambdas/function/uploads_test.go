package function_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/function"
)

// taker takes uploads.
type taker struct{ taken []function.Upload }

func (s *taker) Take(_ context.Context, upload function.Upload) error {
	s.taken = append(s.taken, upload)
	return nil
}

func TestUploads_EventOfS3_HasTheTimeOfTheUpload(t *testing.T) {
	service := &taker{}
	declared := function.Define(function.Spec[*taker]{
		Name: "taker", Purpose: "Takes.",
		New:    func(*function.Resources) (*taker, error) { return service, nil },
		Events: []function.EventOf[*taker]{function.Uploads(buckets.Statements, (*taker).Take)},
	})
	bound, err := declared.Bind(function.NewResources(aws.Config{}, func(name string) (string, bool) { return name, true }))
	if err != nil {
		t.Fatal(err)
	}
	body := `{"time":"2026-07-14T12:00:05Z","detail":{"object":{"key":"users/ada/a","size":7}}}`
	if err := bound.MessageHandlers["uploads to statements"](t.Context(), json.RawMessage(body)); err != nil {
		t.Fatal(err)
	}
	want := function.Upload{Key: "users/ada/a", Size: 7, At: time.Date(2026, 7, 14, 12, 0, 5, 0, time.UTC)}
	if len(service.taken) != 1 || service.taken[0] != want {
		t.Errorf("taken are %+v", service.taken)
	}
}
