package scrub

// firstNames are common first names in the United Kingdom, without those that are ordinary words (alsoNames).
// https://www.ons.gov.uk/peoplepopulationandcommunity/birthsdeathsandmarriages/livebirths/datasets/babynamesinenglandandwalesfrom1996
const firstNames = `aaron abdul abigail adam adrian ahmed aisha alan albert alex alexander alexandra alfie alice
alison amanda amelia amina amir amy andrea andrew angela anna anne anthony archie arthur ashley barbara barry ben
benjamin bernard beth bethany brian bridget callum cameron carl carol caroline catherine charles charlie charlotte
chloe chris christina christine christopher claire colin connor craig daisy daniel darren dave david debbie deborah
denise dennis derek diana diane dominic donald donna dorothy douglas dylan edward eileen eleanor elizabeth ella
ellie emily emma eric ethan evelyn fatima fiona frances francis frederick freya gareth gary gavin gemma geoffrey
george georgia georgina gerald gillian gordon graham greg gregory hannah harold harriet harry hassan hazel heather
helen henry hilda hugh ian ibrahim imran irene isaac isabel isabella isla jacob jacqueline jake james jamie jane
janet jasmine jason jayne jean jeffrey jennifer jenny jeremy jessica jill jim joan joanna joanne joe john jonathan
jordan joseph josh joshua joyce judith julia julian julie karen kate katherine kathleen katie keith kelly kenneth
kevin kieran kimberly kirsty kyle laura lauren lawrence leah leanne lee leo leon lesley lewis liam linda lisa logan
louis louise lucy luke lydia lynn maddison malcolm margaret maria marie marion marjorie martha martin mary matthew
maureen megan melissa michael michelle mike mohammed muhammad molly nadia naomi natalie natasha nathan neil nicola
nicholas nigel noah norman oliver olivia omar oscar owen pamela patricia patrick paul paula pauline peter philip
phoebe rachel ralph raymond rebecca reece richard robert robin roger ronald rory rosemary ross ruth ryan sally
samantha samuel sandra sara sarah scott sean sharon sheila shirley simon sofia sophia sophie stacey stanley
stephanie stephen steve steven stuart susan suzanne sylvia tara teresa terence theo theresa thomas timothy tina toby
tom tony tracey tracy trevor valerie vanessa vera victoria vincent walter wayne wendy william yasmin yusuf yvonne
zara zoe`

// surnames are common surnames, without those that are ordinary words (alsoNames).
const surnames = `smith jones williams taylor davies evans thomas johnson roberts robinson thompson hughes edwards
clarke jackson lewis harris clark patel scott khan moore watson morris harrison allen anderson morgan davis bennett
kelly griffiths simpson collins marshall bailey richardson shaw singh begum hussain ahmed ali kaur murphy richards
somerville lovelace phillips mitchell cox adams wilkinson campbell stevens gray rogers graham ellis russell saunders
pearson stewart fraser henderson macdonald mcdonald robertson murray mackenzie thomson sutherland o'brien o'connor
o'neill byrne walsh ryan doyle nguyen tran chen wang zhang liu huang okonkwo okafor adeyemi adebayo mensah owusu
boateng kowalski nowak wisniewski lewandowski popescu ionescu ivanov petrov silva santos garcia rodriguez martinez
fernandez lopez rossi russo ferrari muller schmidt schneider dubois hamilton hopkins atkinson jenkins hutchinson
barnes barrett gibson gilbert gordon hawkins holmes howard jarvis jennings kaminski lawson lloyd mcarthur mccarthy
mcgregor mckenzie mclean mcmahon nicholson o'sullivan osborne parry parsons pearce perkins ramsey reynolds rahman
rashid chowdhury islam uddin miah sharma gupta kumar mehta shah desai joshi iyer reddy nair simmons spencer
stephenson townsend wallis watkins weston whitehead wilson`

// titles stand in front of names.
const titles = `mr mrs ms miss mx dr prof sir dame rev`

// tradeWords are words that names of businesses have and names of people have not.
const tradeWords = `ltd limited plc llp inc uk gb online cafe caffe coffee tea bar pub inn tavern arms brewery pizza
pizzeria kitchen kebab grill burger chicken fish chips noodles sushi curry tandoori restaurant bistro deli bakery
patisserie takeaway catering food foods foodstore grocers grocery supermarket supermarkets market markets express
local store stores shop shops retail outlet boutique fashion clothing shoes jewellers pharmacy chemist opticians
dental dentist clinic surgery hospital health vets veterinary gym fitness leisure sports club pool cinema theatre
museum tickets events books bookshop stationers print photo garage motors autos tyres petrol fuel services service
station parking car cars taxi taxis cabs rail railway trains bus buses coaches airways airlines airport hotel hotels
hostel lodge travel holidays tours cruises energy electric electricity gas water power broadband telecom mobile
internet media tv insurance bank building society council university college school nursery academy rent lettings
estates properties housing homes furniture carpets kitchens garden gardens centre plumbing heating electrical
builders hardware diy tools paint laundry cleaners dry salon hair barbers beauty nails spa charity trust foundation
church association subscription subscriptions software games gaming studio studios digital apps delivery couriers
post office royal mail storage hire rentals works company co group holdings`

var (
	isFirstName = setOf(firstNames)
	isSurname   = setOf(surnames)
	isTitle     = setOf(titles)
	isTradeWord = setOf(tradeWords)
)
