package runtime

import "testing"

func TestTheConfigurationIsLambdasAndNobodyElses(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_REGION": "eu-west-2", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key", "AWS_SESSION_TOKEN": "session", "AWS_ENDPOINT_URL": "", "AWS_PROFILE": "somebody",
	} {
		t.Setenv(name, value)
	}
	config, err := awsConfig()
	if err != nil || config.Region != "eu-west-2" || config.BaseEndpoint != nil {
		t.Errorf("got %v, %v", config, err)
	}
	if got, err := config.Credentials.Retrieve(t.Context()); err != nil || got.AccessKeyID != "id" || got.SessionToken != "session" {
		t.Errorf("got %v, %v", got.AccessKeyID, err)
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
	if config, err := awsConfig(); err != nil || *config.BaseEndpoint != "http://127.0.0.1:4566" {
		t.Errorf("the endpoint is not used: %v", err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	if _, err := awsConfig(); err == nil {
		t.Error("there are no credentials, and nothing says so")
	}
}
