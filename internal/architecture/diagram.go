package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/function"
)

// eventsDiagram returns a Mermaid flowchart of what happens without a request: each topic
// and queue between the domains that send to it and those that consume it, and what else
// starts functions. Every function sends its failures to the queue of error reports; one
// arrow stands for all.
func eventsDiagram(domains []function.Domain) string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for _, topic := range function.Topics(domains...) {
		fmt.Fprintf(&b, "  %s{{topic %s}}\n", topic.Name, topic.Name)
	}
	for _, queue := range function.Queues(domains...) {
		fmt.Fprintf(&b, "  %s[/queue %s/]\n", queue.Name, queue.Name)
	}
	for _, source := range slices.Sorted(maps.Keys(sources)) {
		fmt.Fprintf(&b, "  %s%s\n", source, sources[source])
	}
	fmt.Fprintf(&b, "  functions[every function] -- its failures --> %s\n", function.ErrorReports.Name)
	arrows := map[string]bool{}
	for _, domain := range domains {
		for _, f := range domain.Functions {
			for _, arrow := range eventArrows(domain.Name, f) {
				arrows[arrow] = true
			}
		}
	}
	for _, arrow := range slices.Sorted(maps.Keys(arrows)) {
		b.WriteString("  " + arrow + "\n")
	}
	return b.String()
}

// sources are the nodes of what starts functions beside topics and queues, by id.
var sources = map[string]string{
	"cognito": "[triggers of Cognito]", "commands": "[commands of operators]", "rotation": "[rotation by Secrets Manager]", "schedules": "[EventBridge schedules]",
	"streams": "[(streams of DynamoDB)]", "uploads": "[(uploads to S3)]",
}

// eventArrows returns the arrows of one function.
func eventArrows(domain string, f *function.Function) []string {
	var arrows []string
	for _, queue := range f.Declared.Sends {
		arrows = append(arrows, domain+" --> "+queue.Name)
	}
	for _, topic := range f.Permissions.Publishes {
		arrows = append(arrows, domain+" --> "+topic.Name)
	}
	for _, event := range f.Events {
		arrows = append(arrows, sourceOf(event)+" --> "+domain)
	}
	return arrows
}

// sourceOf returns the node that an event comes from.
func sourceOf(event function.Event) string {
	switch {
	case event.Trigger != "":
		return "cognito"
	case event.Rotates != nil:
		return "rotation"
	case event.Topic != nil:
		return event.Topic.Name
	case event.Queue != nil:
		return event.Queue.Name
	case event.Changes != nil:
		return "streams"
	case event.Uploads != nil:
		return "uploads"
	case event.Command != "":
		return "commands"
	default:
		return "schedules"
	}
}

// domainsTable returns a Markdown table of the domains, sorted by name: how many functions
// and routes each has, and the services that its functions have permissions for.
func domainsTable(domains []function.Domain) string {
	var b strings.Builder
	b.WriteString("| domain | stack | functions | routes | services |\n|---|---|---|---|---|\n")
	byName := slices.SortedFunc(slices.Values(domains), func(a, b function.Domain) int { return cmp.Compare(a.Name, b.Name) })
	for _, domain := range byName {
		routes, used := 0, map[string]bool{}
		for _, f := range domain.Functions {
			routes += len(f.Routes)
			for _, service := range servicesOf(f) {
				used[service] = true
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %d | %d | %s |\n", domain.Name, domain.Stack, len(domain.Functions), routes,
			strings.Join(slices.Sorted(maps.Keys(used)), ", "))
	}
	return b.String()
}

// servicesOf returns the services of a function, those outside AWS in lower case, without those that every function has:
// the queue of error reports.
func servicesOf(f *function.Function) []string {
	var services []string
	add := func(service string, used bool) {
		if used {
			services = append(services, service)
		}
	}
	add("DynamoDB", len(f.Permissions.Tables) > 0)
	add("S3", len(f.Permissions.Buckets) > 0)
	add("KMS", len(f.Permissions.Keys) > 0)
	add("Secrets Manager", len(f.Secrets()) > 0)
	add("Cognito", len(f.Permissions.UserPool) > 0 || f.Permissions.UserPoolClient)
	add("SES", f.Permissions.SendEmail)
	for _, service := range f.Permissions.External {
		add(string(service), true)
	}
	return services
}
