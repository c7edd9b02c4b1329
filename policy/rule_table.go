package policy

import (
	"strings"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

var tableEncrypted = Rule{
	ID:    TableEncrypted,
	Title: "Every DynamoDB table is encrypted with a customer-managed key",
	Why:   "Only a customer-managed key has its own policy, rotation and audit trail.",
	Fix:   "give the table an EncryptionKey; constructs.NewSecureTable makes one.",
	check: func(i *inspection) {
		eachTable(i, func(s *assembly.Stack, id string, _ assembly.Resource, t table) {
			key, _ := t.sse["KMSMasterKeyId"].(string)
			managedByAWS := t.sse["KMSMasterKeyId"] == nil || strings.HasSuffix(key, "alias/aws/dynamodb")
			if !isTrue(t.sse["SSEEnabled"]) || t.sse["SSEType"] != "KMS" || managedByAWS {
				i.report(s, id, "the table%s is not encrypted with a customer-managed KMS key", t.replica)
			}
		})
	},
}

var tableRecoverable = Rule{
	ID:    TableRecoverable,
	Title: "Every DynamoDB table has point-in-time recovery",
	Why:   "Without it, items that a bug overwrites cannot be restored.",
	Fix:   "turn on PointInTimeRecoverySpecification; constructs.NewSecureTable does.",
	check: func(i *inspection) {
		eachTable(i, func(s *assembly.Stack, id string, _ assembly.Resource, t table) {
			if !isTrue(at(t.properties, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")) {
				i.report(s, id, "the table%s has no point-in-time recovery", t.replica)
			}
		})
	},
}

var tableProtected = Rule{
	ID:    TableProtected,
	Title: "Every DynamoDB table is protected from deletion and retained, unless the app's data is disposable",
	Why:   "Otherwise one wrong deployment deletes the data.",
	Fix:   "set DeletionProtectionEnabled and RemovalPolicy RETAIN; constructs.NewSecureTable does unless Disposable.",
	check: func(i *inspection) {
		if i.props.Disposable {
			return
		}
		eachTable(i, func(s *assembly.Stack, id string, r assembly.Resource, t table) {
			if !isTrue(t.properties["DeletionProtectionEnabled"]) {
				i.report(s, id, "the table%s is not protected from deletion", t.replica)
			}
			if r.DeletionPolicy != "Retain" || r.UpdateReplacePolicy != "Retain" {
				i.report(s, id, "the table has the DeletionPolicy %q and the UpdateReplacePolicy %q, not Retain", r.DeletionPolicy, r.UpdateReplacePolicy)
			}
		})
	},
}

// table holds the settings that protect one table or one replica of a global table.
type table struct {
	replica    string // " in eu-west-1" for a replica
	properties map[string]any
	sse        map[string]any
}

func eachTable(i *inspection, visit func(*assembly.Stack, string, assembly.Resource, table)) {
	for _, s := range i.Stacks {
		for id, r := range s.OfType("AWS::DynamoDB::Table") {
			sse, _ := r.Properties["SSESpecification"].(map[string]any)
			visit(s, id, r, table{properties: r.Properties, sse: sse})
		}
		for id, r := range s.OfType("AWS::DynamoDB::GlobalTable") {
			for _, replica := range list(r.Properties["Replicas"]) {
				properties, _ := replica.(map[string]any)
				region, _ := properties["Region"].(string)
				visit(s, id, r, table{
					replica:    " in " + region,
					properties: properties,
					// The table turns encryption on, each replica names its key.
					sse: map[string]any{
						"SSEEnabled":     at(r.Properties, "SSESpecification", "SSEEnabled"),
						"SSEType":        at(r.Properties, "SSESpecification", "SSEType"),
						"KMSMasterKeyId": at(properties, "SSESpecification", "KMSMasterKeyId"),
					},
				})
			}
		}
	}
}
