package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	cdkconstructs "github.com/aws/constructs-go/constructs/v10"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/policy"
)

// core holds the resources that functions of every domain may have permissions for.
type core struct {
	storage *constructs.DataKey
	tables  map[*tables.Table]*constructs.SecureTable
	keys    map[function.Key]*constructs.DataKey
	secrets map[*secrets.Secret]*constructs.AppSecret
	pool    userPool
	email   *email
	buckets map[*buckets.Bucket]*constructs.SecureBucket
	topics  map[*function.Topic]*constructs.TopicFanOut
	queues  map[*function.Queue]awssqs.Queue
	alerts  *constructs.AlertTopic
	origin  *constructs.ApiOriginGuard
}

func newCore(stack awscdk.Stack, cfg config.Config, email *email, domains []function.Domain) *core {
	storage := constructs.NewDataKey(stack, "StorageKey", &constructs.DataKeyProps{
		Alias:       cfg.PhysicalName("storage"),
		Description: "Encrypts tables, secrets, objects, messages and alerts at rest",
		Services: []constructs.KeyService{
			constructs.KeyServiceDynamoDB, constructs.KeyServiceSecretsManager, constructs.KeyServiceAlerts,
			constructs.KeyServiceSNS, constructs.KeyServiceSQS, constructs.KeyServiceS3,
		},
		Disposable: cfg.Data.Disposable,
	})
	pool := newUserPool(stack, cfg, email)
	built := &core{
		storage: storage,
		secrets: newSecrets(stack, cfg, storage, pool),
		tables:  newTables(stack, cfg, storage, streamed(domains)),
		keys:    newFunctionKeys(stack, cfg),
		pool:    pool,
		email:   email,
		buckets: newBuckets(stack, cfg, storage),
		origin:  newOriginGuard(stack, cfg, storage),
		topics:  newTopics(stack, cfg, storage, domains),
		queues:  newQueues(stack, cfg, storage, domains),
		alerts: constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{
			Name:          cfg.PhysicalName("alerts"),
			Emails:        cfg.Alerts.Emails,
			SlackChannels: slackChannels(cfg),
			EncryptionKey: storage.Key,
		}),
	}
	newReleases(stack, cfg, storage)
	useStrongReferences(stack)
	return built
}

// useStrongReferences makes references to the stack's resources strong. CloudFormation
// then refuses a deployment that removes a resource in use (docs/decisions/0004).
func useStrongReferences(stack awscdk.Stack) {
	for _, node := range *stack.Node().FindAll(cdkconstructs.ConstructOrder_PREORDER) {
		if *awscdk.CfnResource_IsCfnResource(node) {
			awscdk.CrossStackReferences_Of(node).Produce(awscdk.ReferenceStrength_STRONG)
		}
	}
}

func newTables(stack awscdk.Stack, cfg config.Config, storage *constructs.DataKey, streamed map[*tables.Table]bool) map[*tables.Table]*constructs.SecureTable {
	built := map[*tables.Table]*constructs.SecureTable{}
	for _, table := range tables.All() {
		built[table] = constructs.NewSecureTable(stack, table.Name, &constructs.SecureTableProps{
			Name:          cfg.PhysicalName(table.Name),
			PartitionKey:  tableKey(table.PartitionKey),
			SortKey:       tableKey(table.SortKey),
			Indexes:       globalIndexes(table),
			LocalIndexes:  localIndexes(table),
			TTLAttribute:  table.TimeToLive,
			Stream:        streamOf(streamed[table]),
			EncryptionKey: storage.Key,
			RecoveryDays:  cfg.Data.RecoveryDays,
			Disposable:    cfg.Data.Disposable,
		})
		acceptBackup(built[table], cfg)
	}
	return built
}

func streamOf(streamed bool) constructs.StreamView {
	if streamed {
		return constructs.StreamNewAndOldImages
	}
	return ""
}

func globalIndexes(table *tables.Table) (built []constructs.TableIndex) {
	for _, index := range table.Indexes {
		if !index.Local() {
			projection, attributes := projectionOf(index)
			built = append(built, constructs.TableIndex{
				Name: index.Name, PartitionKey: tableKey(index.PartitionKey), SortKey: tableKey(index.SortKey),
				Projection: projection, Attributes: attributes,
			})
		}
	}
	return built
}

func localIndexes(table *tables.Table) (built []constructs.LocalIndex) {
	for _, index := range table.Indexes {
		if index.Local() {
			projection, attributes := projectionOf(index)
			built = append(built, constructs.LocalIndex{
				Name: index.Name, SortKey: tableKey(index.SortKey), Projection: projection, Attributes: attributes,
			})
		}
	}
	return built
}

func projectionOf(index *tables.Index) (constructs.Projection, []string) {
	switch {
	case index.Projection.All:
		return constructs.ProjectAll, nil
	case len(index.Projection.Attributes) > 0:
		return constructs.ProjectInclude, index.Projection.Attributes
	}
	return constructs.ProjectKeysOnly, nil
}

func tableKey(attribute tables.Attribute) constructs.TableKey {
	return constructs.TableKey{Name: attribute.Name, Type: constructs.AttributeType(attribute.Type)}
}

// newFunctionKeys makes the KMS keys that functions call directly.
func newFunctionKeys(stack awscdk.Stack, cfg config.Config) map[function.Key]*constructs.DataKey {
	return map[function.Key]*constructs.DataKey{
		function.FieldKey: constructs.NewDataKey(stack, "FieldKey", &constructs.DataKeyProps{
			Alias:       cfg.PhysicalName("fields"),
			Description: "Wraps the data keys of personal fields",
			Operations:  []constructs.KeyOperation{constructs.GenerateDataKey, constructs.Decrypt},
			Disposable:  cfg.Data.Disposable,
		}),
		function.LookupKey: constructs.NewDataKey(stack, "LookupKey", &constructs.DataKeyProps{
			Alias:       cfg.PhysicalName("lookup"),
			Description: "Makes the keyed hashes that find an encrypted value",
			Spec:        constructs.HMAC256,
			Operations:  []constructs.KeyOperation{constructs.GenerateMac},
			Disposable:  cfg.Data.Disposable,
		}),
	}
}

func newSecrets(stack awscdk.Stack, cfg config.Config, storage *constructs.DataKey, pool userPool) map[*secrets.Secret]*constructs.AppSecret {
	values := map[*secrets.Secret]map[constructs.SecretKey]string{
		secrets.Cognito: {constructs.SecretKey(secrets.CognitoClientSecret.Name()): pool.clientSecret()},
	}
	built := map[*secrets.Secret]*constructs.AppSecret{}
	for _, secret := range secrets.All() {
		keys := make([]constructs.SecretKey, len(secret.Keys))
		for i, key := range secret.Keys {
			keys[i] = constructs.SecretKey(key)
		}
		built[secret] = constructs.NewAppSecret(stack, "Secret-"+secret.Name, &constructs.AppSecretProps{
			Name:           "expenzez/" + cfg.Stage + "/" + secret.Name,
			Description:    secret.Purpose,
			Keys:           keys,
			EncryptionKey:  storage.Key,
			GenerateLength: secret.GeneratedLength,
			Values:         values[secret],
			Disposable:     cfg.Data.Disposable,
		})
		if secret.GeneratedLength > 0 {
			continue // the customauth function rotates it
		}
		why := "An external service issues the secret and only that service can replace it; an operator enters the new value."
		if values[secret] != nil {
			why = "Cognito makes the secret with the client; an operator changes it with a second secret of the client (docs/decisions/0016)."
		}
		policy.Accept(built[secret], "AwsSolutions-SMG4", why)
		policy.Accept(built[secret], "NIST.800.53.R5-SecretsManagerRotationEnabled", why)
	}
	return built
}
