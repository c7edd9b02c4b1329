package plaintext_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/constructs/plaintext"
)

// r repeats, so that no key stands here in one piece for scanners of repositories.
var r = strings.Repeat

// random is what a generator of keys wrote, in two pieces.
const random, random2 = "9fK2" + "xQ7bLm4Zr8Tn" + "V1cYw6Hs3JdPg5Ae", "kJ3/9xQm+Zr8" + "TnV1cYw6Hs3JdPg5Ae0uBq2LoXi4=="

// secrets are variables as people write them, with the kind that is to be found.
var secrets = []struct{ name, value, what string }{
	{"DATABASE_URL", "postgres://app:hunter2@db.example.com:5432/shop", "a password in a URL"},
	{"DATABASE_URL", "postgres://app:" + plaintext.Reference + "@db.example.com/shop", "a password in a URL"},
	{"DATABASE_URL", "{{resolve:secretsmanager:shop/prod/db:SecretString:url::}}", "a reference"},
	{"DATABASE_URL", "postgres://app:{{resolve:secretsmanager:" + plaintext.Reference + ":SecretString:password::}}@db/shop", "a reference"},
	{"REDIS", "rediss://:hunter2@cache.example.com:6380", "a password in a URL"},
	{"BROKER", "amqp://guest:guest@mq.example.com", "a password in a URL"},
	{"PROXY", "http://user:pass@proxy.example.com:3128/", "a password in a URL"},
	{"PARAMETER", "{{resolve:ssm-secure:/shop/prod/db:1}}", "a reference"},
	{"ALERTS", "https://hooks." + "slack.com/services/T012345/B012345/" + r("a1", 12), "a Slack webhook"},
	{"ALERTS", "https://discord.com/api/webhooks/123456789/" + r("aB", 20), "a Discord webhook"},
	{"CALLBACK", "https://example.com/hook?token=" + random, "a token in a URL"},
	{"UPLOAD", "https://b.s3.amazonaws.com/k?X-Amz-Signature=" + r("a1", 32), "a token in a URL"},
	{"JDBC", "Server=db;Database=shop;User Id=app;Password=hunter2;", "a password in a connection string"},
	{"SETTINGS", `{"user": "app", "password": "hunter2"}`, "a password in JSON"},
	{"STAGE", "AKIA" + r("A", 16), "an AWS access key"},
	{"STAGE", "xoxb" + "-123456789012-abcdef", "a Slack token"},
	{"STAGE", "sk_live" + "_" + r("a", 24), "a Stripe key"},
	{"STAGE", "whsec" + "_" + r("a", 32), "a Stripe key"},
	{"STAGE", "ghp" + "_" + r("a", 36), "a GitHub token"},
	{"STAGE", "github_pat" + "_" + r("a", 40), "a GitHub token"},
	{"STAGE", "glpat" + "-" + r("a", 20), "a GitLab token"},
	{"STAGE", "sk-" + r("a", 40), "a key of OpenAI"},
	{"STAGE", "AIza" + r("a", 35), "a Google API key"},
	{"STAGE", "GOCSPX" + "-" + r("a", 28), "a Google client secret"},
	{"STAGE", "SG." + r("a", 22) + "." + r("b", 43), "a SendGrid key"},
	{"STAGE", "npm" + "_" + r("a", 36), "an npm token"},
	{"STAGE", "12345678:AA" + r("b", 33), "a Telegram"},
	{"STAGE", "eyJ" + r("a", 20) + ".eyJ" + r("b", 20) + ".c", "a signed token"},
	{"STAGE", "-----BEGIN " + "EC PRIVATE KEY-----\nx", "a private key"},
	{"STAGE", random, "random characters"},
	{"STAGE", random2, "random characters"},
	{"HASH_SEED", "prefix:" + random, "random characters"},
	{"DB_PASS", "hunter2", "the name of a secret"},
	{"DB_PASSWORD", "correct horse", "the name of a secret"},
	{"DB_PASSWORD", "12345678", "the name of a secret"},
	{"JWT_SIGNING_KEY", "change-me", "the name of a secret"},
	{"API_KEY", "abc", "the name of a secret"},
	{"APIKEY", "abc", "the name of a secret"},
	{"GITHUB_TOKEN", "x", "the name of a secret"},
	{"ENCRYPTION_KEY", r("0a", 16), "the name of a secret"},
	{"MASTER_KEY", "s3cr3t!", "the name of a secret"},
	{"JWT_SECRET", "hunter2", "the name of a secret"},
	{"CLIENT_SECRET", r("0a", 16), "the name of a secret"},
	{"PASSWORD_PEPPER", "salt&vinegar", "the name of a secret"},
}

// honest are variables of programs in use: names, addresses, ids, hashes and settings.
var honest = []struct{ name, value string }{
	{"DB_SECRET", "shop/prod/db"}, {"DB_SECRET", "shop-prod-db"}, {"DB_PASSWORD", "/shop/prod/db-password"}, {"DB_SECRET_NAME", "db"},
	{"JWT_SECRET_ARN", "arn:aws:secretsmanager:eu-west-2:111122223333:secret:shop/prod/jwt-AbCdEf"},
	{"JWT_SECRET", "arn:aws:secretsmanager:eu-west-2:111122223333:secret:shop/prod/jwt-AbCdEf"},
	{"JWT_SECRET", plaintext.Reference}, {"API_KEY", "arn:aws:ssm:eu-west-2:111122223333:parameter/shop/key"}, {"API_KEY_PARAMETER", "key"},
	{"SIGNING_KEY", "arn:aws:kms:eu-west-2:111122223333:key/0a1b2c3d-1234-4abc-8def-0123456789ab"}, {"ENCRYPTION_KEY", "alias/shop-prod"},
	{"SIGNING_KEY_ID", "0a1b2c3d-1234-4abc-8def-0123456789ab"}, {"TOKEN_TTL", "15m"}, {"MAX_TOKENS", "4096"}, {"ACCESS_TOKEN_MINUTES", "15"},
	{"PASSWORD_MIN", "8"}, {"PASSWORD_POLICY", "strong"}, {"PASS_THROUGH", "true"}, {"TOKEN_URL", "https://auth.example.com/oauth2/token"},
	{"TOKEN_ISSUER", "https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_AbCdEf123"}, {"TOKEN", ""}, {"TOKENS_TABLE", "shop-prod-tokens"},
	{"USERS_TABLE", "shop-prod-users"}, {"TABLE", "shop.prod.users"}, {"BUCKET", "shop-prod-receipts-111122223333"},
	{"USER_POOL", "eu-west-2_AbCdEf123"}, {"USER_POOL_CLIENT", "1h57kf5cpq17m0eml12abcdefg"},
	{"GOOGLE_CLIENTS", "123456789012-abc123def456ghi789jkl012mno345pq.apps.googleusercontent.com"},
	{"DATABASE_URL", "postgres://app:${DB_PASSWORD}@db.example.com/shop"}, {"DATABASE_URL", "postgres://app@db.example.com/shop"},
	{"DATABASE_URL", "postgres://app:%s@db.example.com/shop"}, {"DATABASE_URL", "jdbc:postgresql://db.example.com:5432/shop?sslmode=require"},
	{"REGISTRY", "https://registry.example.com:4873/@shop/receipts"}, {"QUEUE", "https://sqs.eu-west-2.amazonaws.com/111122223333/shop-prod-orders"},
	{"ENDPOINT", "https://a1b2c3d4e5.execute-api.eu-west-2.amazonaws.com/prod"}, {"CDN", "https://d111111abcdef8.cloudfront.net"},
	{"SENTRY_DSN", "https://0a1b2c3d4e5f60718293a4b5c6d7e8f9@o123456.ingest.sentry.io/1234567"},
	{"SEARCH", "https://example.com/search?key=orders-archive-2024&limit=20"}, {"OTEL", "https://xray.eu-west-2.amazonaws.com"},
	{"COMMIT", "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"}, {"DIGEST", "sha256:" + r("0a1b2c3d", 8)}, {"SRI", "sha384-" + random2},
	{"IMAGE", "111122223333.dkr.ecr.eu-west-2.amazonaws.com/shop:1.2.3"}, {"REQUEST", "0a1b2c3d-1234-4abc-8def-0123456789ab"},
	{"VPC", "vpc-0a1b2c3d4e5f60718"}, {"TRACE", "Root=1-5759e988-bd862e3fe1be46a994272793"},
	{"HANDLER", "OrderCreatedNotificationHandlerV2ForEuWest2Region"}, {"CLASS", "com.example.shop.orders.OrderCreatedHandlerV2"},
	{"STATE_MACHINE", "arn:aws:states:eu-west-2:111122223333:stateMachine:ShopProdOrderFulfilmentV2"},
	{"ALARM", "ShopProdOrdersApi5xxErrorsCriticalEuWest2"}, {"FLAGS", "newCheckout,oldSearch,betaUsers2025,darkModeV2"},
	{"PUBLIC_KEY", "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" + random + "\n-----END PUBLIC KEY-----"},
	{"PUBLIC_KEY", "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" + random}, {"HOST_KEY", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + random},
	{"ORIGINS", "capacitor://localhost https://app.example.com"}, {"LOG_LEVEL", "INFO"}, {"STAGE", "prod"}, {"TZ", "Europe/London"},
	{"CSP", "default-src 'self'; script-src 'sha256-" + random2 + "'"}, {"SCHEDULE", "cron(0 12 * * ? *)"}, {"RATE", "rate(5 minutes)"},
	{"FROM", "Shop <hello@mail.example.com>"}, {"PARTITION_KEY", "userId"}, {"SORT_KEY", "createdAt"}, {"KEY_PREFIX", "receipts/2024/"},
	{"LAYER", "arn:aws:lambda:eu-west-2:580247275435:layer:LambdaInsightsExtension-Arm64:20"}, {"TEXT", "Reset your password: we send a code."},
	{"SCRIPT", "pwd = $(pwd); echo done"}, {"PEM_FILE", "/opt/shop/ca.pem"}, {"AUTH_MODE", "iam"}, {"COMPASS", "north"}, {"BYPASS", "none"},
}

func TestInVariable_Secret_IsFoundByItsValue(t *testing.T) {
	for _, s := range secrets {
		what, found := plaintext.InVariable(s.name, s.value)
		if !found || !strings.Contains(what, s.what) {
			t.Errorf("%s of %d characters is taken for %q, want %s", s.name, len(s.value), what, s.what)
		}
	}
	t.Logf("%d secrets", len(secrets))
}

func TestInVariable_HonestValue_IsLeftAlone(t *testing.T) {
	for _, v := range honest {
		if what, found := plaintext.InVariable(v.name, v.value); found {
			t.Errorf("%s=%s is taken for %s", v.name, v.value, what)
		}
	}
	t.Logf("%d honest values", len(honest))
}

// What is measured of a run of characters misses a few keys that happen to look like
// words: the shorter, the more.
func TestInVariable_GeneratedKeys_AreFound(t *testing.T) {
	const base62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	const keys = 2000
	for length, most := range map[int]float64{24: 0.12, 32: 0.06, 40: 0.03, 64: 0.005} {
		missed, source := 0, rand.New(rand.NewPCG(1, uint64(length)))
		for range keys {
			key := make([]byte, length)
			for i := range key {
				key[i] = base62[source.IntN(len(base62))]
			}
			if _, found := plaintext.InVariable("STAGE", string(key)); !found {
				missed++
			}
		}
		t.Logf("%d characters: %d of %d missed", length, missed, keys)
		if float64(missed) > most*keys {
			t.Errorf("%d of %d keys of %d characters are missed, want at most %v of them", missed, keys, length, most)
		}
	}
}

func TestKnown_TextOfAnyProperty_IsJudgedByItsForm(t *testing.T) {
	for text, want := range map[string]bool{
		"see AKIA" + r("A", 16): true, "https://app:hunter2@example.com": true,
		random: false, "hunter2": false, "{{resolve:secretsmanager:shop/prod/db}}": false,
	} {
		if _, found := plaintext.Known(text); found != want {
			t.Errorf("a text of %d characters: found %v, want %v", len(text), found, want)
		}
	}
}

func TestIsSecretAttribute_OnlySecrets_AreOnes(t *testing.T) {
	for name, want := range map[string]bool{"ClientSecret": true, "SecretAccessKey": true, "Arn": false, "ClientId": false} {
		if got := plaintext.IsSecretAttribute(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
