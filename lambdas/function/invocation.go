package function

import "strings"

// Invocation is what of a payload tells which event it is. It decodes from the JSON of
// any invocation.
type Invocation struct {
	// Schedule is the Key of the schedule's event.
	Schedule string `json:"schedule"`
	// Command is the name of an operator's command.
	Command string `json:"command"`
	// TriggerSource is the source of a user pool's event, such as
	// "DefineAuthChallenge_Authentication".
	TriggerSource string `json:"triggerSource"`
	RotationStep
	// Records are the messages of a queue or the changes of a table, of one source.
	Records []struct {
		EventSource    string `json:"eventSource"`
		EventSourceARN string `json:"eventSourceARN"`
	} `json:"Records"`
}

// Matches reports whether the invocation is this event.
func (e Event) Matches(in Invocation) bool { return e.matches(in) }

func fromSchedule(in Invocation) bool { return in.Schedule == ScheduleKey }

func fromRotation(in Invocation) bool { return in.Step != "" && in.SecretID != "" }

func fromTrigger(trigger UserPoolTrigger) func(Invocation) bool {
	return func(in Invocation) bool {
		source, _, is := strings.Cut(in.TriggerSource, "_")
		return is && source == trigger.Source()
	}
}

func fromCommand(name string) func(Invocation) bool {
	return func(in Invocation) bool { return in.Command == name }
}

// fromQueue matches messages of the queue whose name ends with the suffix.
func fromQueue(suffix string) func(Invocation) bool {
	return func(in Invocation) bool {
		return len(in.Records) > 0 && in.Records[0].EventSource == "aws:sqs" && strings.HasSuffix(in.Records[0].EventSourceARN, suffix)
	}
}

// fromStream matches changes of the table whose name ends with the suffix.
func fromStream(suffix string) func(Invocation) bool {
	return func(in Invocation) bool {
		if len(in.Records) == 0 || in.Records[0].EventSource != "aws:dynamodb" {
			return false
		}
		_, path, _ := strings.Cut(in.Records[0].EventSourceARN, ":table/")
		table, _, _ := strings.Cut(path, "/")
		return strings.HasSuffix(table, suffix)
	}
}
