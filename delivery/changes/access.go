package changes

import (
	"maps"
	"slices"

	"github.com/expenzez/infrastructure/lambdas/function"
)

// Access is what each function may do and who may call it, by the function's name. A
// right is a line such as "dynamodb:GetItem on table Goals".
type Access map[string][]string

// AccessOf returns what the functions of the domains declare.
func AccessOf(domains []function.Domain) Access {
	access := Access{}
	for _, domain := range domains {
		for _, f := range domain.Functions {
			lines := append(rights(f.Permissions), callers(f)...)
			slices.Sort(lines)
			access[f.Name] = slices.Compact(lines)
		}
	}
	return access
}

// rights returns a line for each right. TestRights_EachField_MakesALine has every field of
// function.Permissions.
func rights(p function.Permissions) []string {
	var lines []string
	for _, grant := range p.Tables {
		for _, operation := range grant.Operations {
			on := " on table " + grant.Table.Name
			if grant.Index != nil {
				on += ", index " + grant.Index.Name
			}
			lines = append(lines, "dynamodb:"+string(operation)+on)
		}
	}
	for _, grant := range p.Keys {
		for _, operation := range grant.Operations {
			on := " with key " + string(grant.Key)
			if grant.Table != nil {
				on += " for table " + grant.Table.Name
			}
			lines = append(lines, "kms:"+string(operation)+on)
		}
	}
	for _, secret := range p.Secrets {
		lines = append(lines, "secretsmanager:GetSecretValue on secret "+secret.Name)
	}
	for _, operation := range p.UserPool {
		lines = append(lines, "cognito-idp:"+string(operation)+" on the user pool")
	}
	if p.UserPoolClient {
		lines = append(lines, "is the user pool's client")
	}
	if p.SendEmail {
		lines = append(lines, "ses:SendEmail")
	}
	for _, grant := range p.Buckets {
		for _, operation := range grant.Operations {
			lines = append(lines, "s3: "+string(operation)+" objects of bucket "+grant.Bucket.Name)
		}
	}
	for _, topic := range p.Publishes {
		lines = append(lines, "sns:Publish on topic "+topic.Name)
	}
	for _, queue := range p.Sends {
		lines = append(lines, "sqs:SendMessage on queue "+queue.Name)
	}
	for _, service := range p.External {
		lines = append(lines, "calls "+string(service)+" outside AWS")
	}
	for _, setting := range p.Settings {
		lines = append(lines, "reads setting "+string(setting))
	}
	return lines
}

// callers returns a line for each route and each event that invokes the function.
func callers(f *function.Function) []string {
	var lines []string
	for _, route := range f.Routes {
		lines = append(lines, "is called by "+string(route.Access)+": "+route.Key)
	}
	for _, event := range f.Events {
		lines = append(lines, "is invoked by "+event.Key)
	}
	return lines
}

// RightsChange is what one function gains and loses.
type RightsChange struct {
	Function       string
	Gained, Lost   []string
	Added, Removed bool
}

// compareAccess returns the functions whose rights differ, by name.
func compareAccess(base, head Access) []RightsChange {
	names := map[string]bool{}
	for name := range base {
		names[name] = true
	}
	for name := range head {
		names[name] = true
	}
	var changes []RightsChange
	for _, name := range slices.Sorted(maps.Keys(names)) {
		_, was := base[name]
		_, is := head[name]
		change := RightsChange{Function: name, Gained: without(head[name], base[name]), Lost: without(base[name], head[name]), Added: !was, Removed: !is}
		if len(change.Gained)+len(change.Lost) > 0 || change.Added || change.Removed {
			changes = append(changes, change)
		}
	}
	return changes
}

// without returns the lines of a list that another list lacks.
func without(list, other []string) []string {
	var rest []string
	for _, line := range list {
		if !slices.Contains(other, line) {
			rest = append(rest, line)
		}
	}
	return rest
}
