// Package expo is the client of Expo's push notifications
// (https://docs.expo.dev/push-notifications/sending-notifications/).
//
// Sending is in two steps. Send hands messages to Expo and returns a ticket for each. Some
// minutes later Receipts tells whether Apple and Google took them. Both tell which push
// tokens are dead: their app was removed from the phone, and they must not be used again.
//
// Expo takes 100 messages and 1,000 ids of receipts a request; this package splits longer
// lists. Expo has no key by which it recognises a message that is sent again, so Send does
// not repeat a request whose outcome is unknown.
//
// The access token is Expo's, for a project with enhanced security. Calls have the limits
// of package external and the breaker "expo". Tokens and texts are never logged and never
// part of an error.
package expo
