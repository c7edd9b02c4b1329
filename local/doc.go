// Package local runs a stage of a CDK app on this machine: the app, the
// templates and the binaries that go to AWS, deployed by the pinned CDK CLI to
// a local AWS engine that enforces IAM.
//
//	stage, err := local.Start(ctx, local.Options{StateDir: t.TempDir()})
//	...
//	defer stage.Stop()
//	err = stage.Deploy(ctx)
//	resp, err := http.Get(stage.URL() + "/health")
//	decisions, err := stage.AuthorizationLog() // every IAM decision of the engine
//
// A stage is up to three background processes and a folder. The engine
// (engine/) serves every AWS API on one port; the edge (package edge) stands in
// for CloudFront in front of the deployed HTTP API; the fakes (cmd/fakes) stand
// in for the external services, when Options ask for them. The folder holds
// their logs, the authorization log, the CDK output and a record of each process. A
// process locks its record while it lives, so a locked record always names a process
// of the stage.
//
// docs/local-stage.md lists the differences from AWS and describes debugging.
package local
