"""The triggers of a custom challenge, whose answer is nonce:username, and the PreTokenGeneration trigger."""

import json
import secrets


def handler(event, _context):
    print(json.dumps({"event": event}))
    request, response = event["request"], event["response"]
    if event["triggerSource"] == "DefineAuthChallenge_Authentication":
        results = [challenge["challengeResult"] for challenge in request["session"]]
        response["issueTokens"] = results[-1:] == [True]
        response["failAuthentication"] = len(results) == 2 and not results[-1]
        if not results or not (response["issueTokens"] or response["failAuthentication"]):
            response["challengeName"] = "CUSTOM_CHALLENGE"
    elif event["triggerSource"] == "CreateAuthChallenge_Authentication":
        response["publicChallengeParameters"] = response["privateChallengeParameters"] = {"nonce": secrets.token_hex(8)}
    elif event["triggerSource"].startswith("TokenGeneration_"):
        if event["userName"] == "crash":
            raise RuntimeError("told to")
        suppressed = {"scopesToSuppress": request["scopes"]}
        response["claimsAndScopeOverrideDetails"] = {"accessTokenGeneration": suppressed}
    elif request["challengeAnswer"] == "crash":
        raise RuntimeError("told to")
    elif request["challengeAnswer"] == "nonsense":
        return ["nonsense"]
    else:
        expected = request["privateChallengeParameters"]["nonce"] + ":" + event["userName"]
        response["answerCorrect"] = request["challengeAnswer"] == expected
    return event
