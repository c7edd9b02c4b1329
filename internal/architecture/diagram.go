package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/function"
)

// diagram returns the backend as a Mermaid flowchart: each domain with its functions
// and routes, and an arrow to each service that its functions have permissions for. A
// topic stands between the domains that publish to it and those that consume it.
func diagram(domains []function.Domain) string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	b.WriteString("  app([mobile app]) --> edge[CloudFront with AWS WAF] --> api[HTTP API with JWT authorizer]\n")
	arrows := map[string]bool{}
	for _, domain := range domains {
		routes := 0
		for _, f := range domain.Functions {
			routes += len(f.Routes)
			for _, arrow := range arrowsOf(domain.Name, f) {
				arrows[arrow] = true
			}
		}
		fmt.Fprintf(&b, "  %s[\"%s<br/>%s\"]\n", domain.Name, domain.Name, size(len(domain.Functions), routes))
		if routes > 0 {
			arrows["api --> "+domain.Name] = true
		}
	}
	for _, service := range slices.SortedFunc(maps.Keys(services), func(a, b string) int { return cmp.Compare(a, b) }) {
		fmt.Fprintf(&b, "  %s%s\n", service, services[service])
	}
	for _, topic := range function.Topics(domains...) {
		fmt.Fprintf(&b, "  %s{{topic %s}}\n", topic.Name, topic.Name)
	}
	for _, queue := range function.Queues(domains...) {
		fmt.Fprintf(&b, "  %s[/queue %s/]\n", queue.Name, queue.Name)
	}
	fmt.Fprintf(&b, "  functions[every function] -- its failures --> %s\n", function.ErrorReports.Name)
	for _, arrow := range slices.Sorted(maps.Keys(arrows)) {
		b.WriteString("  " + arrow + "\n")
	}
	return b.String()
}

// services are the nodes of the services that functions use, by id.
var services = map[string]string{
	"dynamodb": "[(DynamoDB)]", "kms": "[KMS]", "secretsmanager": "[Secrets Manager]", "cognito": "[Cognito user pool]",
	"ses": "[SES]", "sentry": "[Sentry]", "apple": "[Sign in with Apple]", "google": "[Google]", "openai": "[OpenAI]", "revenuecat": "[RevenueCat]", "s3": "[(S3)]", "events": "[EventBridge schedules]",
}

// arrowsOf returns the arrows of one function. It leaves out permissions that every
// function has: those to send error reports, which one arrow from all domains stands for.
func arrowsOf(domain string, f *function.Function) []string {
	var arrows []string
	to := func(service string, used bool) {
		if used {
			arrows = append(arrows, domain+" --> "+service)
		}
	}
	to("dynamodb", len(f.Permissions.Tables) > 0)
	to("s3", len(f.Permissions.Buckets) > 0)
	to("kms", len(f.Permissions.Keys) > 0)
	to("secretsmanager", len(f.Secrets()) > 0)
	to("cognito", len(f.Permissions.UserPool) > 0 || f.Permissions.UserPoolClient)
	to("ses", f.Permissions.SendEmail)
	for _, service := range f.Permissions.External {
		to(string(service), true)
	}
	for _, queue := range f.Declared.Sends {
		to(queue.Name, true)
	}
	for _, topic := range f.Permissions.Publishes {
		to(topic.Name, true)
	}
	for _, event := range f.Events {
		switch {
		case event.Every > 0, event.Cron != nil:
			arrows = append(arrows, "events --> "+domain)
		case event.Trigger != "":
			arrows = append(arrows, "cognito --> "+domain)
		case event.Rotates != nil:
			arrows = append(arrows, "secretsmanager --> "+domain)
		case event.Topic != nil:
			arrows = append(arrows, event.Topic.Name+" --> "+domain)
		case event.Queue != nil:
			arrows = append(arrows, event.Queue.Name+" --> "+domain)
		case event.Changes != nil:
			arrows = append(arrows, "dynamodb --> "+domain)
		case event.Uploads != nil:
			arrows = append(arrows, "s3 --> "+domain)
		}
	}
	return arrows
}

func size(functions, routes int) string {
	text := plural(functions, "function")
	if routes > 0 {
		text += ", " + plural(routes, "route")
	}
	return text
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
