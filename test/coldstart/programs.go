package main

import (
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
)

// event is a sign-in. The clients program reads "call" as the order to call every
// service. The empty handler accepts any event.
const event = `{"version":"2.0","routeKey":"POST /auth/login","rawPath":"/auth/login","call":true,` +
	`"headers":{"content-type":"application/json"},"body":"{\"username\":\"ada.lovelace\",\"password\":\"wrong-password-1\"}",` +
	`"requestContext":{"requestId":"cold-start","http":{"method":"POST","path":"/auth/login","sourceIp":"192.0.2.1"}}}`

// build builds the package's executable for this machine's processor with the flags of
// a deployed one.
func build(root, output, pkg string) (string, error) {
	architecture := map[string]constructs.Architecture{"amd64": constructs.X8664, "arm64": constructs.ARM64}[runtime.GOARCH]
	folder, err := constructs.GoBundle{Package: pkg, Dir: root, OutputDir: output, Tags: function.BuildTags}.Folder(architecture)
	return filepath.Join(folder, "bootstrap"), err
}

// environment returns the variables that Lambda and the stack set for the function,
// with the stand-ins in place of AWS. Other values are placeholders.
func environment(name string, aws *services) ([]string, error) {
	variables := append([]string{
		"_HANDLER=" + name, "AWS_REGION=eu-west-2", "AWS_LAMBDA_FUNCTION_NAME=" + name,
		"AWS_ACCESS_KEY_ID=none", "AWS_SECRET_ACCESS_KEY=none", "AWS_EC2_METADATA_DISABLED=true",
	}, aws.variables()...)
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			if f.Name != name {
				continue
			}
			for _, variable := range f.Variables() {
				variables = append(variables, variable+"=none")
			}
			return variables, nil
		}
	}
	return nil, fmt.Errorf("no domain has a function %q", name)
}
