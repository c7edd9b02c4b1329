package function

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Event is something other than a request of the API that a function answers: a
// schedule, a trigger of the user pool, the rotation of a secret, a command of an
// operator, messages of a topic or a queue, changes of a table, or uploads to a bucket.
type Event struct {
	// Key is unique in the function: "schedule", "rotation", the trigger's Source,
	// "command " and the command's name, "topic " and the topic's, "queue " and the
	// queue's, "changes of " and the table's, or "uploads to " and the bucket's.
	Key string
	// Every is how often a schedule runs, in whole minutes. Zero means that the
	// event is no schedule.
	Every time.Duration
	// Cron is a schedule at times of the clock. Nil means that the event is none.
	Cron *Cron
	// Trigger is the user pool's trigger. Empty means that the event is none.
	Trigger UserPoolTrigger
	// Rotates is the secret that the function rotates. Nil means that the event is
	// no rotation.
	Rotates *secrets.Secret
	// Command is the name of an operator's command. Empty means that the event is none.
	Command string
	// Topic is the topic whose messages the function consumes. Nil means that the event
	// is no message.
	Topic *Topic
	// Groups has messages of the topic that belong together handled once. Nil means
	// that each message is handled.
	Groups *Groups
	// Alone has each message of the topic brought by an invocation of its own.
	Alone bool
	// Queue is the queue whose messages the function receives. Nil means that the event
	// is no message of a declared queue.
	Queue *Queue
	// Changes is the table whose changes the function takes. Nil means that the event
	// is no change.
	Changes *tables.Table
	// Together has the changes of a batch handled at once.
	Together bool
	// Uploads is the bucket whose new objects the function takes. Nil means that the
	// event is no upload.
	Uploads *buckets.Bucket

	matches func(Invocation) bool
}

// Batched reports whether the event brings several messages or changes at once, of
// which each succeeds or fails by itself.
func (e Event) Batched() bool {
	return e.Topic != nil || e.Queue != nil || e.Changes != nil || e.Uploads != nil
}

// UserPoolTrigger is a Lambda trigger of the user pool, spelt as CloudFormation
// spells it in LambdaConfig.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cognito-userpool-lambdaconfig.html
type UserPoolTrigger string

// The triggers in use: three for a sign-in by a custom challenge, and one before tokens
// are issued (version 2 of its event).
const (
	DefineAuthChallenge         UserPoolTrigger = "DefineAuthChallenge"
	CreateAuthChallenge         UserPoolTrigger = "CreateAuthChallenge"
	VerifyAuthChallengeResponse UserPoolTrigger = "VerifyAuthChallengeResponse"
	PreTokenGeneration          UserPoolTrigger = "PreTokenGenerationConfig"
)

// Source is what the triggerSource of the trigger's events begins with, up to the
// underscore.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html#cognito-user-pools-lambda-trigger-sources
func (t UserPoolTrigger) Source() string {
	if t == PreTokenGeneration {
		return "TokenGeneration"
	}
	return string(t)
}

// The Keys of a function's schedule and of its rotation. A function has one of
// each at most.
const (
	ScheduleKey = "schedule"
	RotationKey = "rotation"
)

// RotationStep is one of the four steps in which Secrets Manager has a secret
// rotated.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
type RotationStep struct {
	// Step is createSecret, setSecret, testSecret or finishSecret.
	Step string `json:"Step"`
	// SecretID is the ARN of the secret.
	SecretID string `json:"SecretId"`
	// Token is the id of the version that the rotation makes.
	Token string `json:"ClientRequestToken"`
}

// EventHandler does what is to be done at an event. It takes and returns the event's
// JSON.
type EventHandler func(ctx context.Context, event json.RawMessage) (any, error)

// EventOf is an event that a method of the service S handles.
type EventOf[S any] struct {
	Event
	bind func(S) EventHandler
	// bindMessages is set in place of bind where the event is Batched.
	bindMessages func(S) MessageHandler
}

// OnSchedule declares that the function runs by itself, time after time. Runs may
// overlap or be repeated: what run does must bear both.
func OnSchedule[S any](period time.Duration, run func(S, context.Context) error) EventOf[S] {
	return EventOf[S]{
		Event: Event{Key: ScheduleKey, Every: period, matches: fromSchedule},
		bind: func(service S) EventHandler {
			return func(ctx context.Context, _ json.RawMessage) (any, error) { return nil, run(service, ctx) }
		},
	}
}

// OnUserPoolTrigger declares that the function handles a trigger of the user pool. E is the
// trigger's event of aws-lambda-go; Cognito reads the answer in what is
// returned.
func OnUserPoolTrigger[S, E any](trigger UserPoolTrigger, answer func(S, context.Context, E) (E, error)) EventOf[S] {
	return EventOf[S]{
		Event: Event{Key: trigger.Source(), Trigger: trigger, matches: fromTrigger(trigger)},
		bind: func(service S) EventHandler {
			return func(ctx context.Context, event json.RawMessage) (any, error) {
				var in E
				if err := json.Unmarshal(event, &in); err != nil {
					return nil, fmt.Errorf("read the event of %s: %w", trigger, err)
				}
				return answer(service, ctx, in)
			}
		},
	}
}

// OnSecretRotation declares that the function rotates a secret. Its rights to the secret
// follow from that. Steps may be repeated: what step does must bear it.
func OnSecretRotation[S any](secret *secrets.Secret, step func(S, context.Context, RotationStep) error) EventOf[S] {
	return EventOf[S]{
		Event: Event{Key: RotationKey, Rotates: secret, matches: fromRotation},
		bind: func(service S) EventHandler {
			return func(ctx context.Context, event json.RawMessage) (any, error) {
				var in RotationStep
				if err := json.Unmarshal(event, &in); err != nil {
					return nil, fmt.Errorf("read the step of a rotation: %w", err)
				}
				return nil, step(service, ctx, in)
			}
		},
	}
}

// Command declares that the function carries out a command of an operator, who
// invokes it with a JSON object that has the name under "command" beside the fields
// of In, and is answered with Out. Only the operator's own AWS rights allow it: no
// route and no service leads there. A command may be repeated: run must bear it.
func Command[S, In, Out any](name string, run func(S, context.Context, In) (Out, error)) EventOf[S] {
	return EventOf[S]{
		Event: Event{Key: CommandKey(name), Command: name, matches: fromCommand(name)},
		bind: func(service S) EventHandler {
			return func(ctx context.Context, event json.RawMessage) (any, error) {
				var in In
				if err := json.Unmarshal(event, &in); err != nil {
					return nil, fmt.Errorf("read the command %s: %w", name, err)
				}
				return run(service, ctx, in)
			}
		},
	}
}

// CommandKey returns the Event.Key of the command of this name.
func CommandKey(name string) string { return "command " + name }

func (e Event) validate() error {
	if e.Rotates != nil && e.Rotates.GeneratedLength == 0 {
		return fmt.Errorf("rotates the secret %s, whose value an external service issues", e.Rotates.Name)
	}
	if e.Topic != nil && !namePattern().MatchString(e.Topic.Name) {
		return fmt.Errorf("the topic %q must be lower-case words joined by hyphens", e.Topic.Name)
	}
	if e.Queue != nil {
		return e.Queue.validate()
	}
	if e.Command != "" && !namePattern().MatchString(e.Command) {
		return fmt.Errorf("the command %q must be lower-case words joined by hyphens", e.Command)
	}
	if e.Cron != nil {
		return e.Cron.validate()
	}
	if e.Key == ScheduleKey && (e.Every < time.Minute || e.Every%time.Minute != 0) {
		return fmt.Errorf("the schedule runs every %s: use whole minutes", e.Every)
	}
	return nil
}
