// Command stage runs the project on this machine, behind make.
//
//	stage up            start or update the stage, print the base URL
//	stage down          stop the stage and delete its data
//	stage url           print the base URL
//	stage mail          print the e-mails that AWS would send
//	stage logs [name]   print the functions' logs, of log groups whose name contains name
//	stage replay queue  send the dead letters of a queue to the queue again
//	stage install       install the engine and the CDK CLI only
//
// See docs/local-stage.md.
package main
