package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/function"
)

// addEvents makes the declared events invoke the function's alias.
func (w *wiring) addEvents(declared *function.Function, built *constructs.LeastPrivilegeFunction) {
	for _, event := range declared.Events {
		switch {
		case event.Command != "": // an operator invokes the function with their own permissions
		case event.Trigger != "":
			w.addTrigger(event.Trigger, built)
		case event.Rotates != nil:
			constructs.NewSecretRotation(built.Construct, "Rotation", &constructs.SecretRotationProps{
				Secret: w.core.secrets[event.Rotates], Function: built,
			})
		case event.Cron != nil:
			w.addCron(declared, event, built)
		case event.Topic != nil:
			w.addConsumer(declared, event, built)
		case event.Queue != nil:
			w.addReceiver(declared, event, built)
		case event.Uploads != nil:
			w.addUploads(declared, event, built)
		case event.Changes != nil:
			w.addChanges(declared, event, built)
		default:
			w.addSchedule(declared, event, built)
		}
	}
}

func (w *wiring) addSchedule(declared *function.Function, event function.Event, built *constructs.LeastPrivilegeFunction) {
	awsevents.NewRule(built.Construct, jsii.String("Schedule"), &awsevents.RuleProps{
		RuleName:    jsii.String(w.cfg.PhysicalName(declared.Name)),
		Description: jsii.String(declared.Purpose),
		Schedule:    awsevents.Schedule_Rate(awscdk.Duration_Minutes(jsii.Number(event.Every.Minutes()))),
		Targets: &[]awsevents.IRuleTarget{awseventstargets.NewLambdaFunction(built.Alias, &awseventstargets.LambdaFunctionProps{
			// The runtime recognises a schedule by this key.
			Event: awsevents.RuleTargetInput_FromObject(map[string]string{"schedule": event.Key}),
			// The next run repeats the work of a failed run.
			RetryAttempts: jsii.Number(0),
		})},
	})
}

func (w *wiring) addTrigger(trigger function.UserPoolTrigger, built *constructs.LeastPrivilegeFunction) {
	operations := map[function.UserPoolTrigger]awscognito.UserPoolOperation{
		function.DefineAuthChallenge:         awscognito.UserPoolOperation_DEFINE_AUTH_CHALLENGE(),
		function.CreateAuthChallenge:         awscognito.UserPoolOperation_CREATE_AUTH_CHALLENGE(),
		function.VerifyAuthChallengeResponse: awscognito.UserPoolOperation_VERIFY_AUTH_CHALLENGE_RESPONSE(),
		function.PreTokenGeneration:          awscognito.UserPoolOperation_PRE_TOKEN_GENERATION_CONFIG(),
	}
	version := awscognito.LambdaVersion_V1_0
	if trigger == function.PreTokenGeneration {
		version = awscognito.LambdaVersion_V2_0 // version 2 also covers access tokens
	}
	w.core.pool.AddTrigger(operations[trigger], built.Alias, version)
}
