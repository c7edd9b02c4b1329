package constructs

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

// guardAlertKey checks at synthesis that the key's policy lets CloudWatch publish
// alarms to the topic. Without that, alarms would be lost, and AWS would report the
// loss only in the alarm's history. guardAlertKey cannot check a key that is not
// made in this app.
func guardAlertKey(topic awssns.Topic, key awskms.IKey) {
	child := key.Node().DefaultChild()
	if child == nil {
		return
	}
	guard := &alertKeyGuard{stack: awscdk.Stack_Of(key)}
	jsii.UnsafeCast(child, &guard.key)
	if *guard.key.CfnResourceType() == "AWS::KMS::Key" { // not a key imported by its alias
		topic.Node().AddValidation(guard)
	}
}

type alertKeyGuard struct {
	stack awscdk.Stack
	key   awskms.CfnKey
}

// Validate implements CDK's IValidation.
func (g *alertKeyGuard) Validate() *[]*string { return runCheck("a key that takes alarms", g.check) }

func (g *alertKeyGuard) check() []string {
	policy, err := json.Marshal(g.stack.Resolve(g.key.KeyPolicy()))
	if err != nil || strings.Contains(string(policy), alertServices[0]) {
		return nil
	}
	return []string{fmt.Sprintf("is under the key %s, whose policy does not allow %s, so alarms would be lost; "+
		"give the DataKey KeyServiceAlerts", *g.key.Node().Path(), alertServices[0])}
}
