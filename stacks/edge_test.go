package stacks

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
)

func TestNewEdge_ForwarderEnded_Warns(t *testing.T) {
	for name, c := range map[string]struct {
		until time.Time
		warns bool
	}{
		"none":   {time.Time{}, false},
		"future": {time.Now().Add(time.Hour).Truncate(time.Second), false},
		"ended":  {time.Now().Add(-time.Hour).Truncate(time.Second), true},
	} {
		cfg, err := config.Load("staging")
		if err != nil {
			t.Fatal(err)
		}
		cfg.API.Edge.ForwarderUntil = c.until
		stack := newEdgeStack(awscdk.NewApp(nil), cfg)
		newEdge(stack, cfg)
		warnings := assertions.Annotations_FromStack(stack).FindWarning(jsii.String("*"), assertions.Match_StringLikeRegexp(jsii.String("forwarder")))
		if warned := len(*warnings) == 1; warned != c.warns {
			t.Errorf("%s: %d warnings", name, len(*warnings))
		}
		if acl := acl(t, stack); strings.Contains(acl, "expenzez/staging/forwarder") != (c.until != time.Time{}) {
			t.Errorf("%s: the web ACL is %s", name, acl)
		}
	}
}

// acl returns the web ACL of a stack as text.
func acl(t *testing.T, stack awscdk.Stack) string {
	t.Helper()
	found := *assertions.Template_FromStack(stack, nil).FindResources(jsii.String("AWS::WAFv2::WebACL"), nil)
	if len(found) != 1 {
		t.Fatalf("%d web ACLs", len(found))
	}
	var texts []string
	for _, properties := range found {
		texts = append(texts, *jsii.Sprintf("%v", *properties))
	}
	return texts[0]
}
