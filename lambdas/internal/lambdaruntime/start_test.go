package lambdaruntime

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/function"
)

// silent returns the base URL of a server that accepts connections and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
		}
	}()
	return "https://" + listener.Addr().String()
}

func TestPrepare_WorkAheadThatFails_StartsTheFunction(t *testing.T) {
	resources := function.NewResources(aws.Config{}, func(string) (string, bool) { return "", false })
	worked := false
	resources.OnInit(func(context.Context) error { worked = true; return nil })
	resources.Ahead(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	if err := prepare(t.Context(), resources, []string{silent(t), "https://127.0.0.1:1", ""}); err != nil || !worked {
		t.Errorf("worked %v, got %v", worked, err)
	}
	broken := errors.New("broken")
	resources.OnInit(func(context.Context) error { return broken })
	if err := prepare(t.Context(), resources, nil); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
