package policy

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

var physicalName = Rule{
	ID:    PhysicalName,
	Title: "No two resources of an account share a physical name",
	Why:   "CloudFormation refuses the second resource or replaces the first with it, and neither template shows the conflict.",
	Fix:   "add what differs to the name, such as the stage or the domain.",
	check: func(i *inspection) {
		type named struct{ kind, name, within string }
		first := map[named]string{}
		for _, s := range i.Stacks {
			for id, r := range s.OfType(namedTypes()...) {
				name, within := uniqueNames[r.Type].nameAndScope(r, s)
				if name == "" || within == "" {
					continue
				}
				key := named{r.Type, name, within}
				if other, taken := first[key]; taken {
					i.report(s, id, "the %s is named %s, and so is %s", r.Type, name, other)
					continue
				}
				first[key] = constructOf(s, id)
			}
		}
	},
}

// nameSpec says which property holds the name of a resource type and in what scope the
// name is unique.
type nameSpec struct {
	path   string // of the name's property, separated by dots
	global bool   // unique in the account, across its regions
	within string // a property that narrows the scope
}

// uniqueNames holds the types whose names must be unique in AWS. It leaves out names
// that AWS allows twice, such as names of APIs and user pools.
var uniqueNames = map[string]nameSpec{
	"AWS::Backup::BackupVault":                {path: "BackupVaultName"},
	"AWS::Chatbot::SlackChannelConfiguration": {path: "ConfigurationName", global: true},
	"AWS::CloudFront::Function":               {path: "Name", global: true},
	"AWS::CloudFront::ResponseHeadersPolicy":  {path: "ResponseHeadersPolicyConfig.Name", global: true},
	"AWS::CloudFront::CachePolicy":            {path: "CachePolicyConfig.Name", global: true},
	"AWS::CloudFront::OriginRequestPolicy":    {path: "OriginRequestPolicyConfig.Name", global: true},
	"AWS::CloudWatch::Alarm":                  {path: "AlarmName"},
	"AWS::CloudWatch::CompositeAlarm":         {path: "AlarmName"},
	"AWS::CloudWatch::Dashboard":              {path: "DashboardName", global: true},
	"AWS::DynamoDB::GlobalTable":              {path: "TableName"},
	"AWS::DynamoDB::Table":                    {path: "TableName"},
	"AWS::Events::EventBus":                   {path: "Name"},
	"AWS::Events::Rule":                       {path: "Name", within: "EventBusName"},
	"AWS::IAM::Group":                         {path: "GroupName", global: true},
	"AWS::IAM::InstanceProfile":               {path: "InstanceProfileName", global: true},
	"AWS::IAM::ManagedPolicy":                 {path: "ManagedPolicyName", global: true},
	"AWS::IAM::Role":                          {path: "RoleName", global: true},
	"AWS::IAM::User":                          {path: "UserName", global: true},
	"AWS::KMS::Alias":                         {path: "AliasName"},
	"AWS::Kinesis::Stream":                    {path: "Name"},
	"AWS::Lambda::Function":                   {path: "FunctionName"},
	"AWS::Logs::DeliveryDestination":          {path: "Name"},
	"AWS::Logs::DeliverySource":               {path: "Name"},
	"AWS::Logs::LogGroup":                     {path: "LogGroupName"},
	"AWS::Logs::ResourcePolicy":               {path: "PolicyName"},
	"AWS::S3::Bucket":                         {path: "BucketName", global: true},
	"AWS::SES::ConfigurationSet":              {path: "Name"},
	"AWS::SES::EmailIdentity":                 {path: "EmailIdentity"},
	"AWS::SNS::Topic":                         {path: "TopicName"},
	"AWS::SQS::Queue":                         {path: "QueueName"},
	"AWS::SSM::Parameter":                     {path: "Name"},
	"AWS::Scheduler::Schedule":                {path: "Name", within: "GroupName"},
	"AWS::Scheduler::ScheduleGroup":           {path: "Name"},
	"AWS::SecretsManager::Secret":             {path: "Name"},
	"AWS::StepFunctions::StateMachine":        {path: "StateMachineName"},
	"AWS::WAFv2::WebACL":                      {path: "Name", within: "Scope"},
}

func namedTypes() []string { return slices.Sorted(maps.Keys(uniqueNames)) }

// nameAndScope returns a resource's name as the template writes it and the scope in
// which the name must be unique. Both are empty if the account is unknown, because two
// such stacks may be deployed to two accounts.
func (n nameSpec) nameAndScope(r assembly.Resource, s *assembly.Stack) (name, within string) {
	value := at(r.Properties, strings.Split(n.path, ".")...)
	literal, ok := value.(string) // references cannot be compared across templates
	if !ok || strings.Contains(s.Environment, "unknown-") {
		return "", ""
	}
	if within = s.Environment; n.global {
		within = within[:strings.LastIndex(within, "/")+1]
	}
	if n.within != "" {
		within += text(r.Properties[n.within])
	}
	return literal, within
}

// constructOf returns the path of the construct behind a resource.
func constructOf(s *assembly.Stack, id string) string {
	return cmp.Or(s.Resources[id].Path, s.Path+"/"+id) // CDK writes a path for each resource that it made
}
