package emailtemplates

// Settings are how a stage sends. The stacks put them into the environment of the
// functions that may send; the functions read them there.
type Settings struct {
	// From is the address that e-mails come from, without a name.
	From string
	// App is what the e-mails call the app, and the name beside From.
	App string
	// ReplyTo is the address that replies go to. Empty means From.
	ReplyTo string
	// ConfigurationSet is SES's configuration set. Empty means the identity's own.
	ConfigurationSet string
}

// The environment variables of the settings.
const (
	fromVariable             = "EMAIL_FROM"
	appVariable              = "EMAIL_APP_NAME"
	replyToVariable          = "EMAIL_REPLY_TO"
	configurationSetVariable = "EMAIL_CONFIGURATION_SET"
)

// Variables are the settings as environment variables.
func (s Settings) Variables() map[string]string {
	return map[string]string{
		fromVariable: s.From, appVariable: s.App,
		replyToVariable: s.ReplyTo, configurationSetVariable: s.ConfigurationSet,
	}
}

// ReadSettings reads the settings with variable, which returns the value of an
// environment variable.
func ReadSettings(variable func(name string) string) Settings {
	return Settings{
		From: variable(fromVariable), App: variable(appVariable),
		ReplyTo: variable(replyToVariable), ConfigurationSet: variable(configurationSetVariable),
	}
}
