package cdk_test

import (
	"regexp"
	"testing"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestTables_AreEncryptedRecoverableAndProtected(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		names := []string{config.ReleasesTable} // which only releases use
		for _, table := range tables.All() {
			names = append(names, table.Name)
		}
		if built := len(s.ofType("AWS::DynamoDB::Table")); built != len(names) {
			t.Errorf("%d tables are built, %d declared", built, len(names))
		}
		for _, name := range names {
			p := s.named(t, "AWS::DynamoDB::Table", "TableName", s.config.PhysicalName(name)).Properties
			encryption, _ := p["SSESpecification"].(map[string]any)
			if encryption["SSEEnabled"] != true || encryption["SSEType"] != "KMS" || encryption["KMSMasterKeyId"] == nil {
				t.Errorf("%s: encryption is %v", name, encryption)
			}
			recovery, _ := p["PointInTimeRecoverySpecification"].(map[string]any)
			if recovery["PointInTimeRecoveryEnabled"] != true || recovery["RecoveryPeriodInDays"] != float64(s.config.Data.RecoveryDays) {
				t.Errorf("%s: recovery is %v", name, recovery)
			}
			if p["DeletionProtectionEnabled"] != !s.config.Data.Disposable {
				t.Errorf("%s: deletion protection is %v", name, p["DeletionProtectionEnabled"])
			}
		}
	})
}

func TestTables_HaveDeclaredTTL(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for _, table := range tables.All() {
			p := s.named(t, "AWS::DynamoDB::Table", "TableName", s.config.PhysicalName(table.Name)).Properties
			ttl, _ := p["TimeToLiveSpecification"].(map[string]any)
			if name, _ := ttl["AttributeName"].(string); name != table.TimeToLive {
				t.Errorf("%s: items are deleted by %q, not %q", table.Name, name, table.TimeToLive)
			}
		}
	})
}

func TestSymmetricKeys_Rotate(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for id, r := range s.some(t, "AWS::KMS::Key") {
			if r.Properties["KeySpec"] != "HMAC_256" && r.Properties["EnableKeyRotation"] != true {
				t.Errorf("%s does not rotate", id)
			}
		}
	})
}

// clientSecret is a reference to the secret of the user pool's client, without its
// value.
var clientSecret = regexp.MustCompile(`^\{"Fn::Join":\["",\["\{\\"COGNITO_CLIENT_SECRET\\":\\"",\{"Fn::GetAtt":\["UserPoolClient\w+","ClientSecret"\]\},"\\"\}"\]\]\}$`)

func TestSecrets_HaveStageAndKeyAndNoValue(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for _, secret := range secrets.All() {
			p := s.named(t, "AWS::SecretsManager::Secret", "Name", "expenzez/"+s.config.Stage+"/"+secret.Name).Properties
			if p["KmsKeyId"] == nil {
				t.Errorf("%s is not under the stage's key", secret.Name)
			}
			if value := text(p["SecretString"]); secret == secrets.Cognito && !clientSecret.MatchString(value) || secret != secrets.Cognito && value != "null" {
				t.Errorf("the value of %s is %s in the template", secret.Name, value)
			}
			if generated := p["GenerateSecretString"] != nil; generated != (secret.GeneratedLength > 0) {
				t.Errorf("%s: generated is %v", secret.Name, generated)
			}
		}
	})
}

func TestUserPool_ServesBackendOnly(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for _, client := range s.some(t, "AWS::Cognito::UserPoolClient") {
			flows := text(client.Properties["ExplicitAuthFlows"])
			if flows != `["ALLOW_ADMIN_USER_PASSWORD_AUTH","ALLOW_CUSTOM_AUTH","ALLOW_REFRESH_TOKEN_AUTH"]` {
				t.Errorf("the client allows %s", flows)
			}
			if client.Properties["GenerateSecret"] != true {
				t.Error("the client has no secret, so a client id is enough to call Cognito")
			}
			if read := text(client.Properties["ReadAttributes"]); read != `["email_verified"]` {
				t.Errorf("ID tokens tell %s", read)
			}
			if client.Properties["PreventUserExistenceErrors"] != "ENABLED" || client.Properties["AllowedOAuthFlowsUserPoolClient"] != false {
				t.Errorf("the client has %s", text(client.Properties))
			}
		}
	})
}

// A revocation is deleted when the revoked token has expired. It names a session by a
// claim that Cognito adds if token revocation is enabled.
func TestTokens_CanBeRevokedForTheirLifetime(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		if tokens := s.config.Tokens; tokens.Access > function.MaxAccessTokenLife || tokens.Refresh > function.MaxRefreshTokenLife {
			t.Errorf("tokens live %v and %v, revocations %v and %v", tokens.Access, tokens.Refresh, function.MaxAccessTokenLife, function.MaxRefreshTokenLife)
		}
		for id, client := range s.some(t, "AWS::Cognito::UserPoolClient") {
			if client.Properties["EnableTokenRevocation"] != true {
				t.Errorf("tokens of %s do not name their session", id)
			}
		}
	})
}

func TestTokens_HaveLifetimesOfInstalledApp(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for _, client := range s.some(t, "AWS::Cognito::UserPoolClient") {
			p := client.Properties
			if p["AccessTokenValidity"] != 60.0 || p["IdTokenValidity"] != 60.0 || p["RefreshTokenValidity"] != 30*24*60.0 {
				t.Errorf("tokens live %v, %v, %v", p["AccessTokenValidity"], p["IdTokenValidity"], p["RefreshTokenValidity"])
			}
			if units := text(p["TokenValidityUnits"]); units != `{"AccessToken":"minutes","IdToken":"minutes","RefreshToken":"minutes"}` {
				t.Errorf("the units are %s", units)
			}
		}
	})
}

// A challenge without a trigger would let every client pass.
func TestUserPool_ChallengeTriggers_AreOneFunction(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for _, pool := range s.some(t, "AWS::Cognito::UserPool") {
			triggers, _ := pool.Properties["LambdaConfig"].(map[string]any)
			issuing, _ := triggers["PreTokenGenerationConfig"].(map[string]any)
			if issuing["LambdaVersion"] != "V2_0" { // version 1 does not cover access tokens
				t.Errorf("the trigger of tokens is %s", text(issuing))
			}
			if len(triggers) != 4 {
				t.Errorf("the triggers are %s", text(triggers))
			}
			for name, trigger := range triggers {
				if name != "PreTokenGenerationConfig" && text(trigger) != text(triggers["DefineAuthChallenge"]) {
					t.Errorf("%s is answered by %s", name, text(trigger))
				}
			}
		}
	})
}

func TestGeneratedSecrets_Rotate(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		schedules := s.ofType("AWS::SecretsManager::RotationSchedule")
		var own int
		for _, secret := range secrets.All() {
			if secret.GeneratedLength > 0 {
				own++
			}
		}
		if len(schedules) != own {
			t.Errorf("%d of %d rotate", len(schedules), own)
		}
		for _, schedule := range schedules {
			if schedule.Properties["RotateImmediatelyOnUpdate"] != false || text(schedule.Properties["RotationRules"]) != `{"AutomaticallyAfterDays":30}` {
				t.Errorf("the schedule is %s", text(schedule.Properties))
			}
		}
	})
}
