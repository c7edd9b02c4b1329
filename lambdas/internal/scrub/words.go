package scrub

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
)

// english are the common words of English: the levels 10 and 20 of SCOWL in British spelling, without names. The
// file words/COPYRIGHT has its terms. http://wordlist.aspell.net
//
//go:embed words/english.txt
var english string

// moneyWords are words of questions about money that english has not.
const moneyWords = `groceries grocery takeaway takeaways budgets budgeted budgeting overspend overspent overspending
underspend payday paydays payslip quid skint fiver tenner broadband utilities overdrafts debit debits subscriptions
subscribe subscribed spendings mortgages remortgage payee payees cashback voucher vouchers refund refunds refunded
topup app apps online website email wifi bnpl cafe cafes coffees lunch lunches dinner dinners breakfast breakfasts
snack snacks restaurants pubs pints petrol diesel fuel parking commute commuting taxis uber trainers gym gyms cinema
cinemas streaming console consoles gaming gadget gadgets laptop laptops phones smartphone tablet clothes clothing
shoes haircut haircuts salon barber barbers spa dentist dentists optician opticians pharmacy vet vets pet pets
nursery childcare tuition rent rents renting rental landlord landlady flatmate housemate council utility insurance
insurances premiums insurer electricity energy holiday holidays hotel hotels flights airline airlines hobbies
donation donations gifts freelance freelancer bonus bonuses overtime pension pensions savings saver savers isa isas
lisa invest invested investing investments afford affordable affording unaffordable weekday weekdays weekends
fortnight fortnightly monthly weekly yearly annually quarterly biggest cheapest priciest costliest recurring
upcoming outgoings outgoing incomings spender spenders splurge splurged splurging frugal thrifty categorise
categorised categorize uncategorised recategorise summarise summarize analyse analyze breakdown forecast forecasts
percent percentage percentages sushi pizza pizzas burger burgers curry curries kebab kebabs sandwiches
bakery chippy supermarket supermarkets ikea netflix spotify hi hello hey thanks cheers please ok okay
yeah yep nope mum mums dad dads nan gran grandad auntie mate mates gonna wanna gotta lol hmm whats hows im ive id
ill dont cant wont didnt doesnt isnt wasnt havent hasnt couldnt shouldnt wouldnt thats theres lets y'all`

// calendarAndTerms are words that are written with a capital and are no names of people.
const calendarAndTerms = `i i'm i've i'd i'll january february march april may june july august september october
november december jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday
sunday christmas easter xmas ramadan eid diwali hanukkah halloween uk gbp eur usd england scotland wales britain
british english scottish welsh irish european europe london pin atm tv isa lisa ai vat hmrc ni apr aer dd so bacs
iban ppi pcp paye gp mot nhs bbc dvla ico fca fscs`

// brands are well-known names beside those of package merchants. No category follows from them.
const brands = `expenzez apple google paypal klarna clearpay amex visa mastercard maestro lloyds barclays hsbc
natwest santander monzo starling halifax nationwide revolut tsb experian equifax transunion moneybox chase wise
iphone ipad macbook android xbox playstation nintendo sky ee bt vue giffgaff plusnet talktalk zizzi itsu wasabi
wahaca wagamamas nandos pret gails kfc burgerking fiveguys tortilla chipotle shakeshack harvester prezzo carluccios
cote honest popeyes zara h&m uniqlo m&s b&q tkmaxx matalan shein temu vinted depop etsy zalando boohoo decathlon jd
sportsdirect halfords screwfix toolstation wickes homebase dunelm wilko poundland b&m homesense hotpoint dyson
samsung huawei sony microsoft openai chatgpt youtube disney hulu dazn twitch tiktok facebook instagram whatsapp
linkedin puregym duolingo ulez oyster eurostar avanti ryanair easyjet wizz flixbus megabus zipcar lime waitrose
farmfoods booths gousto hellofresh getir zapp toogoodtogo ovo edf eon sse bulb npower tripadvisor expedia skyscanner
marriott ibis parcs butlins specsavers holland acme`

// brandsOfWords are brands of several words.
const brandsOfWords = `marks_&_spencer marks_and_spencer tk_maxx burger_king five_guys pizza_hut papa_johns toby_carvery
american_express first_direct metro_bank virgin_money royal_mail`

// alsoNames are ordinary words that are names of people as well. With a capital they are taken for names.
const alsoNames = `abbey amber angel apple ash autumn baker banks barber barker basil bell berry bill bird bishop
black bond booth bowman brook brooks brown buck bull burns bush butcher butler candy carol carpenter carter chambers
chance chapel chapman chief christian church clay cliff cook coop cooper corn crane cross crystal curry daisy dale
daly dawn dean destiny drake drew duke earl eve faith farmer field fields finch fisher fletcher flower flowers ford
forest fox frank freeman french frost gardener gene gill ginger glass glen gold golden gold goodman grace grant
graves gray green grey griffin guy hall hank hardy harmony harper hart harvest hay hazel heath herb hill hills holly
holt homer hood hook hope horn hunt hunter iris ivy jack jade jay jewel jimmy jock joy judge kane kay keen king
kitty knight lake lamb lance lane lark law lawn leaf lily long lord mark marina marks marsh marshal marshall mason
matt max melody mercer mercy mike miles mill miller mills mint moody moon moss nick noble norm oak olive page palmer
park parker parson parsons pat patience paw peacock pearl penny pepper pierce pike piper pitt pole pony pool poole
poor pope poppy porter pose potter pound powell price pride prince pump queen rain ray reed reeves rich ridge river
rivers rob robin robins rock rod roman rook rose rosemary rowan ruby rusty sadler sage salt sand sandy savage
scarlet sharp shepherd short silver singer skip snow sparks spear spence spencer star steel sterling stew stone
stones storm strange sue sweet swift tanner taylor temple terry thorn tiffany todd tony tucker turner vale van
victor vine violet wade walker wall wallace walls ward warner warren waters weaver webb webster wells west white
wild will willow wills winner winters wise wolf wood woods woody worth wright yard yates young`

// setOf returns the words of texts as a set.
func setOf(texts ...string) func() map[string]bool {
	return sync.OnceValue(func() map[string]bool {
		set := map[string]bool{}
		for _, text := range texts {
			for word := range strings.FieldsSeq(text) {
				set[word] = true
			}
		}
		return set
	})
}

var (
	isWord         = setOf(english, moneyWords, tradeWords, calendarAndTerms)
	isTerm         = setOf(calendarAndTerms)
	isBrand        = setOf(brands)
	isBrandOfWords = setOf(brandsOfWords)
	isAlsoName     = setOf(alsoNames)
)

// isOrdinary reports whether a word in lower case is one of English that is not a common name.
func isOrdinary(word string) bool {
	if isTerm()[word] {
		return true
	}
	return isWord()[word] && !isFirstName()[word] && !isSurname()[word] && !isAlsoName()[word]
}

// isLatin reports whether a word has letters of the Latin script only. English has no others.
func isLatin(word string) bool {
	return !strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) })
}
