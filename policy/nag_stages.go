package policy

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	cdkconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

// stagePacks adds cdk-nag's packs to the Stages of an app. CDK's aspects stop at a
// Stage. A Stage may be made after Attach, and CDK Pipelines synthesizes it early.
// So stagePacks waits until the app is validated, when every Stage has written its
// stacks. It then adds the packs and synthesizes the Stages again.
type stagePacks struct {
	app     awscdk.App
	dir     string
	packs   []Pack
	checked map[string]bool // folders of the Stages that have the packs
}

func newStagePacks(app awscdk.App, packs []Pack) *stagePacks {
	return &stagePacks{app: app, dir: *app.Outdir(), packs: packs, checked: map[string]bool{}}
}

// Validate implements CDK's IValidation. It recovers from panics, because a panic
// would leave jsii's Node process inside the callback for ever.
func (p *stagePacks) Validate() (sentences *[]*string) {
	defer func() {
		if reason := recover(); reason != nil {
			sentences = jsii.Strings(fmt.Sprintf("cdk-nag cannot check the Stages of the app: %v", reason))
		}
	}()
	for _, dir := range stageFolders(p.dir) {
		if p.checked[dir] {
			continue
		}
		p.checked[dir] = true
		if stage := p.stageIn(dir); stage != nil {
			addPacks(stage, p.packs)
			stage.Synth(&awscdk.StageSynthesisOptions{Force: jsii.Bool(true), SkipValidation: jsii.Bool(true)})
		}
	}
	return jsii.Strings()
}

// stageFolders lists the folders that the Stages of an app were written to.
func stageFolders(dir string) []string {
	folders, _ := filepath.Glob(filepath.Join(dir, "assembly-*")) // the pattern is well-formed
	for _, folder := range slices.Clone(folders) {
		folders = append(folders, stageFolders(folder)...)
	}
	return folders
}

// stageIn returns the Stage that wrote to the folder, or nil if the folder has no
// stack.
func (p *stagePacks) stageIn(dir string) awscdk.Stage {
	a, err := assembly.Read(dir)
	if err != nil {
		panic(err)
	}
	for _, s := range a.Stacks {
		if filepath.Dir(s.File) == dir {
			return awscdk.Stage_Of(p.find(s.Path))
		}
	}
	return nil
}

func (p *stagePacks) find(path string) cdkconstructs.IConstruct {
	var found cdkconstructs.IConstruct = p.app
	for id := range strings.SplitSeq(path, "/") {
		found = found.Node().FindChild(jsii.String(id))
	}
	return found
}

// uncheckedStack returns the path of a stack that cdk-nag did not check, or "".
func (p *stagePacks) uncheckedStack(a *assembly.Assembly) string {
	for _, s := range a.Stacks {
		if dir := filepath.Dir(s.File); dir != p.dir && !p.checked[dir] {
			return cmp.Or(s.Path, s.File)
		}
	}
	return ""
}
