package config

import "time"

// region is where users' data is stored: London, for users in the United Kingdom.
const region = "eu-west-2"

// corsMaxAge makes preflights rare. A change of origins takes effect after this time.
const corsMaxAge = 300 * time.Second

// origins returns the web site, the web app and the mobile app's two web views, followed by the origins of
// one stage.
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

// edgeRates returns the limits of one IP address at the edge. A renewal is sent up to 15 times in a burst
// (contract of the app), and a carrier's address stands for hundreds of phones.
func edgeRates() EdgeRates {
	return EdgeRates{All: 5000, Auth: 500, Refresh: 3000, Registrations: 50, Codes: 200, Imports: 200, AI: 500}
}

// tokens returns the lifetimes that the installed app assumes. They are the same in every stage.
func tokens() Tokens {
	return Tokens{Access: time.Hour, ID: time.Hour, Refresh: 30 * 24 * time.Hour}
}

// google returns the client ids of the Google project: the web client, which tokens are issued for, and its
// app clients.
func google(web string, apps ...string) SignIn {
	const domain = ".apps.googleusercontent.com"
	for i := range apps {
		apps[i] += domain
	}
	return SignIn{GoogleClientIDs: []string{web + domain}, GoogleAppIDs: apps}
}

// email returns the sender at the domain. Each stage has a subdomain of its own, so that the e-mails of
// tests, of prod and of our staff do not affect each other's reputation.
func email(domain, name string) Email {
	return Email{From: "hello@" + domain, ReplyTo: "support@expenzez.com", Name: name}
}

// functions returns the defaults of functions on AWS. arm64 costs a fifth less per GB-second than x86_64
// (https://aws.amazon.com/lambda/pricing/). The handlers need about 20 MB; 512 MB buy the processor share at which
// a read of many items is fast for the least price (docs/sizes.md). The timeout is 10 s, because clients give up on slower responses. The
// few functions that wait for an external service declare a longer timeout.
func functions(a Architecture) Functions {
	return Functions{
		Architecture: a, MemoryMB: 512, Timeout: 10 * time.Second,
		Concurrency: Concurrency{Quota: 1000, Public: 30, Consumer: 5},
	}
}

// securityThresholds returns initial thresholds for a stage with this many thousand users. They assume that
// one in ten users signs in, mistypes or registers within the busiest hour. Replace them by what the
// metrics show after some weeks.
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
		EndedSessions:     times(20, 0),   // the app retries about ten times
		Suspicions:        times(25, 100), // with those of ended sessions
		DisclosedAccounts: times(50, 500),
		LinkedIdentities:  times(5, 50),
		Registrations:     times(20, 100),
		PasswordResets:    times(5, 50),
		DeletedAccounts:   times(5, 50),
		RefusedByLimits:   times(100, 1000),
		OriginRefusals:    times(20, 500),
		FailedOpen:        times(5, 50),
		LostEvents:        Thresholds{}, // every lost event raises an alarm
	}
}
