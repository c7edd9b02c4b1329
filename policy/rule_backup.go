package policy

import (
	"fmt"
	"slices"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

var backedUp = Rule{
	ID:    BackedUp,
	Title: "Every table, and every bucket that keeps its objects, is selected by a backup plan of the app, unless the app's data is disposable",
	Why:   "Point-in-time recovery and versions end with the table or bucket; a copy in a vault outlives it.",
	Fix:   "add constructs.NewBackupPlan to the app, or give the resource the tag of an existing plan; constructs.NewSecureTable has the tag backup-plan=daily.",
	check: func(i *inspection) {
		if i.props.Disposable {
			return
		}
		selections := i.backupSelections()
		report := func(s *assembly.Stack, id, what string, tags map[string]string) {
			if !slices.ContainsFunc(selections, func(selected tagSelection) bool { return tags[selected.key] == selected.value }) {
				i.report(s, id, "no backup plan selects the %s, which has the tags %v", what, tags)
			}
		}
		eachTable(i, func(s *assembly.Stack, id string, _ assembly.Resource, t table) {
			report(s, id, "table"+t.replica, tagsOf(t.properties))
		})
		for _, s := range i.Stacks {
			for id, r := range s.OfType("AWS::S3::Bucket") {
				if !expires(r) {
					report(s, id, "bucket", tagsOf(r.Properties))
				}
			}
		}
	},
}

// tagSelection is a tag by which a plan selects resources.
type tagSelection struct{ key, value string }

// backupSelections returns the tags by which the app's plans select. A selection with
// several tags selects what has one of them.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html
func (i *inspection) backupSelections() (found []tagSelection) {
	for _, s := range i.Stacks {
		for _, r := range s.OfType("AWS::Backup::BackupSelection") {
			for _, tag := range list(at(r.Properties, "BackupSelection", "ListOfTags")) {
				found = append(found, tagSelection{fmt.Sprint(at(tag, "ConditionKey")), fmt.Sprint(at(tag, "ConditionValue"))})
			}
		}
	}
	return found
}

// tagsOf returns the tags in a resource's properties.
func tagsOf(properties map[string]any) map[string]string {
	tags := map[string]string{}
	for _, tag := range list(properties["Tags"]) {
		tags[fmt.Sprint(at(tag, "Key"))] = fmt.Sprint(at(tag, "Value"))
	}
	return tags
}

// expires reports whether the bucket deletes all of its objects after some days. Such
// a bucket holds logs or uploads of a moment.
func expires(bucket assembly.Resource) bool {
	return slices.ContainsFunc(list(at(bucket.Properties, "LifecycleConfiguration", "Rules")), func(rule any) bool {
		everyObject := at(rule, "Prefix") == nil && at(rule, "Filter") == nil && at(rule, "TagFilters") == nil
		return everyObject && at(rule, "Status") == "Enabled" && at(rule, "ExpirationInDays") != nil
	})
}
