package local

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os/exec"
	"path"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/local/internal/background"
)

// FakesURL returns the base URL of the stand-ins of the external services and of
// their control endpoints (see local/cmd/fakes), without a slash at the end. It is
// empty while no stand-ins run.
func (s *Stage) FakesURL() string { return s.fakes.url() }

// startFakes starts the stand-ins of the external services when the options ask for
// them and they do not run yet. It returns the base URL of each service by name,
// including the services of the options.
func (s *Stage) startFakes(ctx context.Context) (map[string]string, error) {
	services := map[string]string{}
	if s.options.Fakes != "" {
		if err := s.ensureFakes(ctx); err != nil {
			return nil, err
		}
		if err := getJSON(ctx, s.FakesURL()+"/-/services", &services); err != nil {
			return nil, fmt.Errorf("ask the fakes for their addresses: %w", err)
		}
	}
	maps.Copy(services, s.options.Services)
	return services, checkServices(services)
}

func (s *Stage) ensureFakes(ctx context.Context) error {
	before, alive, err := s.fakes.running()
	if err != nil || alive {
		return err
	}
	binary, err := s.build(ctx, "fakes")
	if err != nil {
		return err
	}
	listener, err := listenOrNext(before.Address, s.options.Fakes)
	if err != nil {
		return fmt.Errorf("find a port for the fakes: %w", err)
	}
	cmd := exec.Command(binary, "-listen-fd", strconv.Itoa(listenFD))
	cmd.Env = []string{} // the fakes need no environment
	return s.fakes.start(cmd, listener, record{}, s.childStdin)
}

// listenOrNext listens on a process's previous address when it is free, because a
// shell may have that address in a variable. Otherwise it listens on addr or the next
// free port.
func listenOrNext(before, addr string) (net.Listener, error) {
	if before != "" {
		if listener, err := net.Listen("tcp", before); err == nil {
			return listener, nil
		}
	}
	return background.Listen(addr)
}

// putSecrets writes the keys that the fakes accept into the deployed secrets whose
// names end in the name of a service, such as expenzez/local/apple.
func (s *Stage) putSecrets(ctx context.Context) error {
	if s.FakesURL() == "" {
		return nil
	}
	var values map[string]json.RawMessage
	if err := getJSON(ctx, s.FakesURL()+"/-/secrets", &values); err != nil {
		return fmt.Errorf("ask the fakes for their secrets: %w", err)
	}
	client := secretsmanager.NewFromConfig(s.AWSConfig(Region))
	pages := secretsmanager.NewListSecretsPaginator(client, &secretsmanager.ListSecretsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list the secrets: %w", err)
		}
		for _, secret := range page.SecretList {
			value, ok := values[path.Base(aws.ToString(secret.Name))]
			if !ok {
				continue
			}
			if err := putSecret(ctx, client, secret.ARN, string(value)); err != nil {
				return fmt.Errorf("put the secret %s: %w", aws.ToString(secret.Name), err)
			}
		}
	}
	return nil
}

// putSecret writes a value unless the secret already has it, so that a deployment
// creates no new version without a change.
func putSecret(ctx context.Context, client *secretsmanager.Client, id *string, value string) error {
	current, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: id})
	if err == nil && aws.ToString(current.SecretString) == value {
		return nil
	}
	_, err = client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: id, SecretString: &value})
	return err
}
