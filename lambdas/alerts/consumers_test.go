package alerts

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/notifications"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/fakes"
	"github.com/expenzez/infrastructure/test/fakes/expo"
)

// consumer takes a message of a topic, as a deployed function does.
type consumer func(topic *function.Topic, message any)

// downstream is what the domain of notifications does with messages: its feed and its push
// on the world's tables. "ada" has a phone, no quiet hours, and Expo is a fake.
type downstream struct {
	w         *world
	config    aws.Config
	variables map[string]string
	expo      *expo.Fake
}

func newDownstream(w *world) *downstream {
	w.t.Helper()
	engine := dynamotest.Client(w.t).Options()
	d := &downstream{
		w: w, variables: map[string]string{}, expo: expo.New("key"),
		config: aws.Config{Region: engine.Region, Credentials: engine.Credentials, BaseEndpoint: engine.BaseEndpoint, HTTPClient: engine.HTTPClient},
	}
	for table, name := range w.names {
		d.variables[table.Variable()] = name
	}
	key, err := kms.NewFromConfig(d.config).CreateKey(w.t.Context(), &kms.CreateKeyInput{})
	must(w.t, err)
	d.variables[function.FieldKey.Variable()] = aws.ToString(key.KeyMetadata.Arn)
	secret, err := secretsmanager.NewFromConfig(d.config).CreateSecret(w.t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String(w.names[tables.Users]), SecretString: aws.String(`{"` + secrets.ExpoAccessToken.Name() + `":"key"}`),
	})
	must(w.t, err)
	d.variables[secrets.Expo.Variable()] = aws.ToString(secret.ARN)
	d.variables[function.Expo.Variable()] = fakes.Serve(w.t, d.expo.Handler()) + "/--/api/v2"
	d.addPhone()
	return d
}

// addPhone gives "ada" a data key, preferences without quiet hours, and a phone.
func (d *downstream) addPhone() {
	t := d.w.t
	t.Helper()
	keys := fieldcrypt.NewKeys(kms.NewFromConfig(d.config), d.variables[function.FieldKey.Variable()], fieldcrypt.Options{})
	dataKey, err := keys.New(t.Context(), fieldcrypt.Owner{Table: tables.Users, User: "ada"})
	must(t, err)
	account, err := fieldcrypt.NewSchema[tables.User](tables.Users).Marshal(dataKey, tables.User{UserID: "ada", Username: "ada", DataKey: dataKey.Wrapped})
	must(t, err)
	client := dynamotest.Client(t)
	must(t, open[store.SealedItem](d.w, client, tables.Users).Put(t.Context(), account))
	wanted := tables.DefaultAlertPreferences()
	wanted.QuietFrom, wanted.QuietTo = "", ""
	must(t, open[tables.AlertPreferencesItem](d.w, client, tables.NotificationSettings).Put(t.Context(), tables.AlertPreferencesItem{
		UserID: "ada", ID: tables.AlertPreferencesID, Alerts: wanted,
	}))
	bound := d.bind(notifications.Settings)
	for _, route := range notifications.Settings.Routes {
		if route.Key != "POST /notifications/tokens" {
			continue
		}
		request := route.NewRequest()
		must(t, json.Unmarshal([]byte(`{"token":"ExponentPushToken[ada]","platform":"ios"}`), request))
		_, err := bound.UseCases[route.Key](t.Context(), caller("ada"), request)
		must(t, err)
	}
}

func (d *downstream) bind(f *function.Function) *function.Bound {
	d.w.t.Helper()
	bound, err := f.Bind(function.NewResources(d.config, func(name string) (string, bool) { value, has := d.variables[name]; return value, has }))
	must(d.w.t, err)
	return bound
}

// consumer returns what hands messages to a function.
func (d *downstream) consumer(f *function.Function) consumer {
	d.w.t.Helper()
	bound := d.bind(f)
	return func(topic *function.Topic, message any) {
		d.w.t.Helper()
		body, err := json.Marshal(message)
		must(d.w.t, err)
		must(d.w.t, bound.MessageHandlers["topic "+topic.Name](d.w.t.Context(), body))
	}
}

// entries returns the entries of the feed of "ada", by id.
func (d *downstream) entries(t *testing.T) []tables.Notification {
	t.Helper()
	page, err := open[tables.Notification](d.w, dynamotest.Client(t), tables.NotificationHistory).Query(t.Context(), store.Query{Partition: "ada", Limit: 100})
	must(t, err)
	return page.Items
}
