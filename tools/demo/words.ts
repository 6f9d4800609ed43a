/** What people write, the first nine fitting the pictures that are made up. `@1` stands for the next person's name, `@2` for the one after. */
export const captions: { caption: string; location: string }[] = [
  { caption: "Caught the last light with @1 🌄 #goldenhour #hiking", location: "Sintra, Portugal" },
  { caption: "No filter, promise 😄 #nofilter", location: "" },
  { caption: "Colours of the market. #street #café", location: "Marrakesh" },
  { caption: "주말 산책 ☁️ 공기가 참 좋다 @2 #주말 #북한산", location: "북한산, 서울" },
  { caption: "야경 맛집 발견 🌃 @1 @2 다음엔 같이 가자! #야경 #한강", location: "여의도, 서울" },
  { caption: "صباح الخير من البحر 🌊 #بحر", location: "Alexandria" },
  { caption: "Up before everyone else. Worth it. #morning #fog", location: "Zermatt" },
  { caption: "Found this one in my grandmother's garden 🌸 #garden #macro", location: "Kyoto" },
  { caption: "Kitchen floor, 1962. @2 you would love this place #tiles #design", location: "Lisboa" },
];

export const comments: string[] = [
  "This is gorgeous 😍",
  "와 진짜 예쁘다!",
  "Where exactly is this, @1?",
  "Saving this for my next trip.",
  "The light!! ✨",
  "나도 가고 싶다 🥹",
  "Print it. Frame it.",
];
