package config

import "time"

// region is where users' data lives: London, for users in the United Kingdom.
const region = "eu-west-2"

// corsMaxAge keeps preflights rare and a change of origins quick to take effect.
const corsMaxAge = 300 * time.Second

// origins are the web site, the web app and the two web views that the mobile app may run in, then
// those of one stage only.
func origins(more ...string) []string {
	return append([]string{
		"https://expenzez.com",
		"https://www.expenzez.com",
		"https://app.expenzez.com",
		"capacitor://localhost",
		"ionic://localhost",
	}, more...)
}

// expo is the development server of the mobile app's web build.
const expo = "http://localhost:8081"

// tokens are what the installed app assumes, so they are the same in every stage.
func tokens() Tokens {
	return Tokens{Access: time.Hour, ID: time.Hour, Refresh: 30 * 24 * time.Hour}
}

// google is the Google project's web client, which tokens are made for, and its clients in apps.
func google(web string, apps ...string) SignIn {
	const domain = ".apps.googleusercontent.com"
	for i := range apps {
		apps[i] += domain
	}
	return SignIn{GoogleClientIDs: []string{web + domain}, GoogleAppIDs: apps}
}

// email comes from the domain. A subdomain, and one for each stage: what a test sends does not harm the
// reputation of prod's e-mails, and that of prod's not the one of what people write from expenzez.com.
func email(domain, name string) Email {
	return Email{From: "hello@" + domain, ReplyTo: "support@expenzez.com", Name: name}
}

// functions is what a function gets on AWS. arm64 costs a fifth less per GB-second than x86_64
// (https://aws.amazon.com/lambda/pricing/). The handlers themselves need about 20 MB: 512 MB buys the
// CPU share for TLS and decryption at a cold start. A handler that has not answered within 10 s has lost
// its caller's patience; the few that wait for an external service say so in their declaration.
func functions(a Architecture) Functions {
	return Functions{Architecture: a, MemoryMB: 512, Timeout: 10 * time.Second}
}

// securityThresholds are a first guess for a stage whose busiest five minutes are about so many times those of
// a thousand users, of whom one in ten signs in, mistypes or registers within an hour. Replace them by
// what the metrics show after some weeks.
func securityThresholds(thousands int) SecurityThresholds {
	times := func(warning, critical int) Thresholds {
		return Thresholds{Warning: warning * thousands, Critical: critical * thousands}
	}
	return SecurityThresholds{
		RefusedSignIns:    times(20, 200),
		LockedSignIns:     times(5, 50),
		WrongCodes:        times(10, 100),
		LockedCodes:       times(3, 30),
		WrongPINs:         times(50, 500),
		LockedPINs:        times(5, 50),
		EndedSessions:     times(20, 0), // the app asks some ten times before it gives up
		DisclosedAccounts: times(50, 500),
		LinkedIdentities:  times(5, 50),
		Registrations:     times(20, 100),
		PasswordResets:    times(5, 50),
		DeletedAccounts:   times(5, 50),
		RefusedByLimits:   times(100, 1000),
		FailedOpen:        times(5, 50),
		LostEvents:        Thresholds{}, // none is ordinary
	}
}
