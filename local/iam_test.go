package local_test

import (
	"testing"
	"time"

	"github.com/expenzez/infrastructure/local"
)

const probeRole = "arn:aws:sts::000000000000:assumed-role/probe/probe"

// judged is an expected decision in the authorization log.
type judged struct{ action, resource, decision string }

func TestCalls_AreAuthorizedAsOnAWS(t *testing.T) {
	stage := probeStage(t)
	table, key, secret := output(t, stage, "TableArn"), output(t, stage, "KeyArn"), output(t, stage, "SecretArn")
	item := map[string]any{"id": map[string]any{"S": "1"}, "email": map[string]any{"S": "a@b.c"}}
	byEmail := map[string]any{
		"TableName": "probe", "IndexName": "byEmail", "KeyConditionExpression": "email = :e",
		"ExpressionAttributeValues": map[string]any{":e": map[string]any{"S": "a@b.c"}},
	}
	check := map[string]any{"ConditionCheck": map[string]any{
		"TableName": "probe", "Key": map[string]any{"id": map[string]any{"S": "2"}}, "ConditionExpression": "attribute_not_exists(id)",
	}}
	put := map[string]any{"Put": map[string]any{"TableName": "probe", "Item": item}}
	remove := map[string]any{"Delete": map[string]any{"TableName": "probe", "Key": map[string]any{"id": map[string]any{"S": "1"}}}}
	identity := "arn:aws:ses:eu-west-2:000000000000:identity/"

	for _, c := range []struct {
		name, service, operation string
		input                    map[string]any
		wantError                string
		want                     []judged
	}{
		{
			"a granted write opens the table's key for its caller", "dynamodb", "put_item",
			map[string]any{"TableName": "probe", "Item": item}, "",
			[]judged{{"dynamodb:PutItem", table, "allowed"}, {"kms:Decrypt", key, "allowed"}},
		},
		{
			"an operation that was not granted", "dynamodb", "scan",
			map[string]any{"TableName": "probe"}, "AccessDeniedException",
			[]judged{{"dynamodb:Scan", table, "denied"}},
		},
		{
			"a query of an index is one of the index", "dynamodb", "query", byEmail, "",
			[]judged{{"dynamodb:Query", table + "/index/byEmail", "allowed"}},
		},
		{
			"a transaction is its items", "dynamodb", "transact_write_items",
			map[string]any{"TransactItems": []any{put, check}}, "",
			[]judged{{"dynamodb:PutItem", table, "allowed"}, {"dynamodb:ConditionCheckItem", table, "allowed"}},
		},
		{
			"a transaction with one item that was not granted", "dynamodb", "transact_write_items",
			map[string]any{"TransactItems": []any{check, remove}}, "AccessDeniedException",
			[]judged{{"dynamodb:DeleteItem", table, "denied"}},
		},
		{
			"a data key for a granted context, by alias", "kms", "generate_data_key",
			map[string]any{"KeyId": "alias/probe", "KeySpec": "AES_256", "EncryptionContext": map[string]any{"table": "users"}}, "",
			[]judged{{"kms:GenerateDataKey", key, "allowed"}},
		},
		{
			"a data key for another context", "kms", "generate_data_key",
			map[string]any{"KeyId": key, "KeySpec": "AES_256", "EncryptionContext": map[string]any{"table": "goals"}}, "AccessDeniedException",
			[]judged{{"kms:GenerateDataKey", key, "denied"}},
		},
		{
			"a secret whose key the role may not open", "secretsmanager", "get_secret_value",
			map[string]any{"SecretId": secret}, "AccessDeniedException",
			[]judged{{"secretsmanager:GetSecretValue", secret, "allowed"}, {"kms:Decrypt", key, "denied"}},
		},
		{
			"a new value under a key the role may not use", "secretsmanager", "put_secret_value",
			map[string]any{"SecretId": secret, "SecretString": "new"}, "AccessDeniedException",
			[]judged{{"secretsmanager:PutSecretValue", secret, "allowed"}, {"kms:GenerateDataKey", key, "denied"}},
		},
		{
			"a secret whose own policy lets the role in", "secretsmanager", "describe_secret",
			map[string]any{"SecretId": secret}, "",
			[]judged{{"secretsmanager:DescribeSecret", secret, "allowed"}},
		},
		{
			"mail from the granted identity", "sesv2", "send_email", mailFrom("Expenzez <noreply@example.com>"), "",
			[]judged{{"ses:SendEmail", identity + "example.com", "allowed"}},
		},
		{
			"mail from another identity", "sesv2", "send_email", mailFrom("noreply@example.org"), "AccessDeniedException",
			[]judged{{"ses:SendEmail", identity + "example.org", "denied"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := time.Now().Add(-time.Millisecond)
			if got, _ := call(t, c.service, c.operation, c.input); got != c.wantError {
				t.Errorf("answered with error %q, want %q", got, c.wantError)
			}
			for _, want := range c.want {
				requireJudged(t, stage, probeRole, want, before)
			}
		})
	}
}

func mailFrom(sender string) map[string]any {
	return map[string]any{
		"FromEmailAddress": sender,
		"Destination":      map[string]any{"ToAddresses": []any{"ada@example.com"}},
		"Content": map[string]any{"Simple": map[string]any{
			"Subject": map[string]any{"Data": "Hello"}, "Body": map[string]any{"Text": map[string]any{"Data": "Hello, Ada"}},
		}},
	}
}

// requireJudged fails the test unless the authorization log has the decision since a time.
func requireJudged(t *testing.T, stage *local.Stage, principal string, want judged, since time.Time) {
	t.Helper()
	decisions, err := stage.AuthorizationLog()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range decisions {
		if d.Principal == principal && d.Action == want.action && d.Resource == want.resource && d.Decision == want.decision && d.Time.After(since) {
			return
		}
	}
	t.Errorf("the authorization log has no %+v by %s since %s; the last of it: %+v", want, principal, since, decisions[max(0, len(decisions)-6):])
}
