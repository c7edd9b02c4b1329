package main

import (
	"crypto/rand"
	"encoding/json"
	"net/http"

	"github.com/expenzez/infrastructure/test/fakes"
	"github.com/expenzez/infrastructure/test/fakes/apple"
	"github.com/expenzez/infrastructure/test/fakes/expo"
	"github.com/expenzez/infrastructure/test/fakes/google"
	"github.com/expenzez/infrastructure/test/fakes/openai"
	"github.com/expenzez/infrastructure/test/fakes/revenuecat"
	"github.com/expenzez/infrastructure/test/fakes/sentry"
)

// paths are the paths of the base URL of each service's client.
var paths = map[string]string{"apple": "/apple", "google": "/google", "openai": "/openai/v1", "revenuecat": "/revenuecat/v2", "expo": "/expo/--/api/v2"}

// app has the ids and keys by which the services know the app.
type app struct {
	appleClientID, googleClientID string
	openAIKey, revenueCatKey      string
	sentryKey, expoToken          string
}

// newApp returns an app with new keys.
func newApp() app {
	return app{
		appleClientID: "com.expenzez.app", googleClientID: "expenzez.apps.googleusercontent.com",
		openAIKey: "sk-" + rand.Text(), revenueCatKey: "sk_" + rand.Text(), sentryKey: rand.Text(), expoToken: rand.Text(),
	}
}

// handler returns the handler of all services and their control endpoints.
func (a app) handler() http.Handler {
	atApple, atGoogle := apple.New(a.appleClientID), google.New(a.googleClientID)
	atOpenAI, atRevenueCat := openai.New(a.openAIKey), revenuecat.New(a.revenueCatKey)
	atSentry, atExpo := sentry.New(a.sentryKey), expo.New(a.expoToken)
	faults := map[string]*fakes.Faults{
		"apple": &atApple.Faults, "google": &atGoogle.Faults, "openai": &atOpenAI.Faults, "revenuecat": &atRevenueCat.Faults,
		"sentry": &atSentry.Faults, "expo": &atExpo.Faults,
	}
	mux := http.NewServeMux()
	for service, handler := range map[string]http.Handler{
		"apple": atApple.Handler(), "google": atGoogle.Handler(), "openai": atOpenAI.Handler(), "revenuecat": atRevenueCat.Handler(),
		"sentry": atSentry.Handler(), "expo": atExpo.Handler(),
	} {
		faults[service].RedirectTo = "http://elsewhere.invalid"
		mux.Handle("/"+service+"/", http.StripPrefix("/"+service, handler))
	}
	mux.HandleFunc("GET /-/services", services)
	mux.HandleFunc("GET /-/secrets", func(w http.ResponseWriter, r *http.Request) {
		fakes.WriteJSON(w, http.StatusOK, a.secrets(atApple.PrivateKey(), atSentry.DSN("http://"+r.Host+"/sentry")))
	})
	mux.HandleFunc("PUT /-/faults/{service}", func(w http.ResponseWriter, r *http.Request) {
		service, known := faults[r.PathValue("service")]
		if !known {
			http.NotFound(w, r)
			return
		}
		service.Set(fakes.Fault(r.FormValue("fault")))
	})
	mux.HandleFunc("POST /-/apple/sign-in", withBody(func(w http.ResponseWriter, r *http.Request, changes map[string]any) {
		subject := r.FormValue("subject")
		fakes.WriteJSON(w, http.StatusOK, map[string]string{
			"identityToken": atApple.IdentityToken(subject, changes), "authorizationCode": atApple.Code(subject),
		})
	}))
	mux.HandleFunc("GET /-/apple/revoked", func(w http.ResponseWriter, _ *http.Request) {
		fakes.WriteJSON(w, http.StatusOK, append([]string{}, atApple.Revoked()...))
	})
	mux.HandleFunc("POST /-/google/sign-in", withBody(func(w http.ResponseWriter, r *http.Request, changes map[string]any) {
		fakes.WriteJSON(w, http.StatusOK, map[string]string{"idToken": atGoogle.IDToken(r.FormValue("subject"), changes)})
	}))
	mux.HandleFunc("PUT /-/openai/answer", withBody(func(_ http.ResponseWriter, _ *http.Request, reply openai.Reply) {
		atOpenAI.Answer(reply)
	}))
	mux.HandleFunc("GET /-/openai/requests", func(w http.ResponseWriter, _ *http.Request) {
		fakes.WriteJSON(w, http.StatusOK, append([]openai.Request{}, atOpenAI.Sent()...))
	})
	mux.HandleFunc("PUT /-/openai/keys", withBody(func(_ http.ResponseWriter, _ *http.Request, keys []string) {
		atOpenAI.Accept(keys...)
	}))
	mux.HandleFunc("PUT /-/revenuecat/customers", withBody(func(_ http.ResponseWriter, _ *http.Request, customer revenuecat.Customer) {
		atRevenueCat.Put(customer)
	}))
	mux.HandleFunc("GET /-/expo/messages", func(w http.ResponseWriter, _ *http.Request) {
		fakes.WriteJSON(w, http.StatusOK, append([]expo.Message{}, atExpo.Taken()...))
	})
	mux.HandleFunc("PUT /-/expo/uninstalled", func(_ http.ResponseWriter, r *http.Request) { atExpo.Uninstall(r.FormValue("token")) })
	mux.HandleFunc("GET /-/sentry/events", func(w http.ResponseWriter, _ *http.Request) {
		payloads := []json.RawMessage{}
		for _, event := range atSentry.Events() {
			payloads = append(payloads, event.Payload)
		}
		fakes.WriteJSON(w, http.StatusOK, payloads)
	})
	return mux
}

// services writes the base URL of each service at the host that the caller used.
func services(w http.ResponseWriter, r *http.Request) {
	urls := map[string]string{}
	for service, path := range paths {
		urls[service] = "http://" + r.Host + path
	}
	fakes.WriteJSON(w, http.StatusOK, urls)
}

// secrets returns the values of the backend's secrets for the services (lambdas/secrets).
func (a app) secrets(applePrivateKey, sentryDSN string) map[string]map[string]string {
	return map[string]map[string]string{
		"apple": {
			"APPLE_TEAM_ID": apple.TeamID, "APPLE_KEY_ID": apple.KeyID, "APPLE_PRIVATE_KEY": applePrivateKey,
			"APPLE_CLIENT_ID": a.appleClientID, "APPLE_SERVICE_ID": a.appleClientID,
		},
		"sentry": {"SENTRY_DSN": sentryDSN},
		"openai": {"OPENAI_API_KEY": a.openAIKey},
		"expo":   {"EXPO_ACCESS_TOKEN": a.expoToken},
		"revenuecat": {
			"REVENUECAT_SECRET_KEY": a.revenueCatKey, "IOS_API_KEY": "appl_" + a.revenueCatKey[3:], "ANDROID_API_KEY": "goog_" + a.revenueCatKey[3:],
			"REVENUECAT_WEBHOOK_AUTHORIZATION": "Bearer whk_" + a.revenueCatKey[3:],
		},
	}
}

// withBody decodes the request's JSON body and calls the handler with it. Without a
// body, the handler gets the zero value.
func withBody[T any](next func(http.ResponseWriter, *http.Request, T)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body T
		if r.ContentLength != 0 {
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
		}
		next(w, r, body)
	}
}
