package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// front is what the deployed distribution in front of the API makes the edge do. It is
// zero when no such distribution is deployed.
type front struct {
	host         string            // the API's custom domain, or empty
	headers      map[string]string // that the edge adds to requests
	template     string            // of the distribution's stack
	distribution string            // its logical id
}

// distribution has the properties of a template's CloudFront distribution that the
// edge needs.
type distribution struct {
	id         string
	Type       string
	Properties struct {
		DistributionConfig struct {
			Origins []origin
		}
	}
}

// origin is an origin of a distribution.
type origin struct {
	DomainName          any // a string, or an intrinsic function when only the deployment knows the name
	OriginCustomHeaders []struct{ HeaderName, HeaderValue string }
}

// frontOf returns the distribution in front of the API.
func (s *Stage) frontOf(ctx context.Context, api string) (front, error) {
	stacks, err := s.stacks(ctx, EdgeRegion)
	if err != nil {
		return front{}, err
	}
	found := front{headers: map[string]string{}}
	for _, stack := range stacks {
		out, err := s.cloudFormation(EdgeRegion).GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: stack.StackName})
		if err != nil {
			return front{}, fmt.Errorf("read the template of %s: %w", aws.ToString(stack.StackName), err)
		}
		if err := found.read(ctx, s, aws.ToString(out.TemplateBody), api); err != nil {
			return front{}, fmt.Errorf("read the template of %s: %w", aws.ToString(stack.StackName), err)
		}
	}
	return found, nil
}

// read takes the distribution in front of the API from a template, if it has one. The
// dynamic references of the template are resolved, as CloudFormation resolves them.
func (f *front) read(ctx context.Context, s *Stage, template, api string) error {
	distributions, err := distributionsOf([]byte(template))
	if err != nil || len(distributions) == 0 {
		return err
	}
	if template, err = s.resolve(ctx, template); err != nil {
		return err
	}
	if distributions, err = distributionsOf([]byte(template)); err != nil {
		return err
	}
	for _, d := range distributions {
		for _, origin := range d.Properties.DistributionConfig.Origins {
			host, _ := origin.DomainName.(string)
			if isOtherAPI(host, api) {
				continue
			}
			f.template, f.distribution = template, d.id
			if !isExecuteAPI(host) {
				f.host = host
			}
			for _, header := range origin.OriginCustomHeaders {
				f.headers[header.HeaderName] = header.HeaderValue
			}
		}
	}
	return nil
}

// isOtherAPI reports whether the host is the execute-api host of another API. The host
// of a custom domain does not name an API, so isOtherAPI returns false for it.
func isOtherAPI(host, api string) bool {
	id, _, _ := strings.Cut(host, ".")
	return isExecuteAPI(host) && id != api
}

// isExecuteAPI reports whether the host is the own endpoint of an API.
func isExecuteAPI(host string) bool {
	_, rest, _ := strings.Cut(host, ".")
	return strings.HasPrefix(rest, "execute-api.")
}

func distributionsOf(template []byte) ([]distribution, error) {
	var parsed struct{ Resources map[string]json.RawMessage }
	if err := json.Unmarshal(template, &parsed); err != nil {
		return nil, nil // a template in YAML, such as the bootstrap template, has no distribution of the app
	}
	var found []distribution
	for id, raw := range parsed.Resources {
		var kind struct{ Type string }
		if err := json.Unmarshal(raw, &kind); err != nil || kind.Type != "AWS::CloudFront::Distribution" {
			continue
		}
		d := distribution{id: id}
		if err := json.Unmarshal(raw, &d); err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		found = append(found, d)
	}
	return found, nil
}

// dynamicReference matches a reference that CloudFormation resolves from Secrets Manager.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
var dynamicReference = regexp.MustCompile(`\{\{resolve:secretsmanager:([^:{}"]+):SecretString:([^:{}"]+):[^:{}"]*:([^:{}"]*)\}\}`)

// resolve returns a template with the values of its dynamic references.
func (s *Stage) resolve(ctx context.Context, template string) (string, error) {
	var problems []error
	resolved := dynamicReference.ReplaceAllStringFunc(template, func(reference string) string {
		value, err := s.secretValue(ctx, dynamicReference.FindStringSubmatch(reference))
		if err != nil {
			problems = append(problems, err)
		}
		quoted, err := json.Marshal(value)
		if err != nil {
			panic(err) // a string always encodes
		}
		return string(quoted[1 : len(quoted)-1]) // the reference is inside a JSON string
	})
	return resolved, errors.Join(problems...)
}

// secretValue returns the value of the secret's name, key and version in a reference.
func (s *Stage) secretValue(ctx context.Context, reference []string) (string, error) {
	in := &secretsmanager.GetSecretValueInput{SecretId: aws.String(reference[1])}
	if reference[3] != "" {
		in.VersionId = aws.String(reference[3])
	}
	out, err := secretsmanager.NewFromConfig(s.AWSConfig(EdgeRegion)).GetSecretValue(ctx, in)
	if err != nil {
		return "", fmt.Errorf("read secret %s: %w", reference[1], err)
	}
	var values map[string]string
	if err := json.Unmarshal([]byte(aws.ToString(out.SecretString)), &values); err != nil {
		return "", fmt.Errorf("secret %s is no JSON object of texts", reference[1])
	}
	return values[reference[2]], nil
}
