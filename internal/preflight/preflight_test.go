package preflight_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/internal/preflight"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/local"
)

// planted answers some requests itself, where the engine cannot have the fault, and passes the others on.
type planted struct {
	next aws.HTTPClient

	mu      sync.Mutex
	answers map[string]string // JSON by the end of the path or target, XML by the action
}

func (p *planted) Do(request *http.Request) (*http.Response, error) {
	var sent []byte
	if request.Body != nil {
		var err error
		if sent, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(sent))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for part, body := range p.answers {
		if strings.HasSuffix(request.URL.Path, part) || strings.HasSuffix(request.Header.Get("X-Amz-Target"), part) || bytes.HasPrefix(sent, []byte(part)) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewBufferString(body))}, nil
		}
	}
	return p.next.Do(request)
}

// The paths, targets and actions of planted answers.
const (
	traceDestination = "/GetTraceSegmentDestination"
	accountSettings  = "/account-settings"
	sendingAccount   = "/v2/email/account"
	emailIdentity    = "/v2/email/identities/mail.expenzez.com"
	describeCert     = "CertificateManager.DescribeCertificate"
	subscriptions    = "Action=ListSubscriptionsByTopic"
)

// environment is an account of the engine and the stage prod for it.
type environment struct {
	cfg     config.Config
	home    aws.Config
	account preflight.Account
	planted *planted
}

func newEnvironment(t *testing.T) *environment {
	t.Helper()
	stage, err := local.Start(t.Context(), local.Options{StateDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stage.Stop() })
	home, edge := stage.AWSConfig("eu-west-2"), stage.AWSConfig(preflight.EdgeRegion)
	p := &planted{next: home.HTTPClient, answers: map[string]string{
		traceDestination: `{"Destination": "XRay", "Status": "ACTIVE"}`,
		accountSettings:  `{"AccountLimit": {"ConcurrentExecutions": 1000}}`, // the engine's depends on the machine
	}}
	home.HTTPClient, edge.HTTPClient = p, p
	cfg, err := config.Load("prod")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Account = local.Account
	return &environment{cfg: cfg, home: home, planted: p, account: preflight.Account{
		Home: home, Edge: edge,
		NameServers: func(context.Context, string) ([]string, error) { return nil, errors.New("no such host") },
	}}
}

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// addStack deploys a template, and waits.
func (e *environment) addStack(t *testing.T, region aws.Config, name, template string) {
	t.Helper()
	client := cloudformation.NewFromConfig(region)
	must[*cloudformation.CreateStackOutput](t)(client.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String(name), TemplateBody: aws.String(template)}))
	for range 100 {
		out := must[*cloudformation.DescribeStacksOutput](t)(client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String(name)}))
		if !strings.HasSuffix(string(out.Stacks[0].StackStatus), "_IN_PROGRESS") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("the stack %s is still in progress", name)
}

func (e *environment) deleteStack(t *testing.T, region aws.Config, name string) {
	t.Helper()
	must[*cloudformation.DeleteStackOutput](t)(cloudformation.NewFromConfig(region).DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String(name)}))
}

const toolkit = `{"Resources": {"Version": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/cdk-bootstrap/hnb659fds/version", "Type": "String", "Value": "30"}}},
	"Outputs": {"BootstrapVersion": {"Value": "30"}}}`

// topicTemplate is the template of a stack with one resource.
func topicTemplate(name string) string {
	return `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "` + name + `"}}}}`
}

// prepare makes the account ready for users.
func (e *environment) prepare(t *testing.T) {
	t.Helper()
	e.cfg.SignIn = config.SignIn{GoogleClientIDs: []string{"1-a.apps.googleusercontent.com"}, GoogleAppIDs: []string{"1-b.apps.googleusercontent.com"}}
	e.cfg.Subscriptions = config.Subscriptions{ProjectID: "proj1ab2c3d4", EntitlementID: "entla1b2c3d4e5"}
	zone := must[*route53.CreateHostedZoneOutput](t)(route53.NewFromConfig(e.home).CreateHostedZone(t.Context(), &route53.CreateHostedZoneInput{
		Name: aws.String("expenzez.com"), CallerReference: aws.String("1"),
	}))
	e.cfg.API.Edge.Zone.ID = strings.TrimPrefix(aws.ToString(zone.HostedZone.Id), "/hostedzone/")
	e.account.NameServers = func(context.Context, string) ([]string, error) { return zone.DelegationSet.NameServers, nil }
	e.verifyDomain(t)
	for region, names := range map[*aws.Config][2]string{
		&e.account.Home: {e.cfg.API.OriginDomain(), "alerts"}, &e.account.Edge: {e.cfg.API.Domain, "edge-alerts"},
	} {
		e.addStack(t, *region, "CDKToolkit", toolkit)
		must[*acm.RequestCertificateOutput](t)(acm.NewFromConfig(*region).RequestCertificate(t.Context(), &acm.RequestCertificateInput{DomainName: aws.String(names[0])}))
		e.addAlerts(t, *region, names[1])
	}
	for _, name := range []string{"mail", "core", "api-stage", "monitoring"} {
		e.addStack(t, e.home, e.cfg.PhysicalName(name), topicTemplate(name))
	}
	e.addStack(t, e.account.Edge, e.cfg.PhysicalName("edge"), topicTemplate("edge"))
	for _, secret := range secrets.All() {
		if secret.GeneratedLength == 0 {
			e.putSecret(t, secret, func(string) string { return "a-real-value" })
		}
	}
}

func (e *environment) verifyDomain(t *testing.T) {
	t.Helper()
	must[*sesv2.CreateEmailIdentityOutput](t)(sesv2.NewFromConfig(e.home).CreateEmailIdentity(t.Context(), &sesv2.CreateEmailIdentityInput{EmailIdentity: aws.String(e.cfg.Email.Domain())}))
}

func (e *environment) addAlerts(t *testing.T, region aws.Config, name string) {
	t.Helper()
	client := sns.NewFromConfig(region)
	topic := must[*sns.CreateTopicOutput](t)(client.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String(e.cfg.PhysicalName(name))}))
	for _, address := range e.cfg.Alerts.Emails {
		must[*sns.SubscribeOutput](t)(client.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: topic.TopicArn, Protocol: aws.String("email"), Endpoint: aws.String(address)}))
	}
}

func (e *environment) putSecret(t *testing.T, secret *secrets.Secret, value func(key string) string) {
	t.Helper()
	values := map[string]string{}
	for _, key := range secret.Keys {
		values[key] = value(key)
	}
	text, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	client, name := secretsmanager.NewFromConfig(e.home), aws.String("expenzez/prod/"+secret.Name)
	if _, err := client.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: name, SecretString: aws.String(string(text))}); err != nil {
		must[*secretsmanager.PutSecretValueOutput](t)(client.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: name, SecretString: aws.String(string(text))}))
	}
}
