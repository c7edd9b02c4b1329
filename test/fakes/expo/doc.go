// Package expo is a fake of Expo's push notifications. It has the wire format of
// https://docs.expo.dev/push-notifications/sending-notifications/ and keeps what it took.
package expo
