// Command stage runs the project on this machine, behind make.
//
//	stage up            start or bring up to date, print the base URL
//	stage down          stop; all data goes
//	stage url           print the base URL
//	stage mail          print the e-mails that would have been sent
//	stage logs [name]   print what the functions logged, of log groups containing name
//	stage install       install the engine and the CDK CLI, nothing else
//
// See docs/local-stage.md.
package main
