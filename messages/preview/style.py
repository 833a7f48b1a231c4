"""The preview's look: a phone's chat at 390 pixels, readable on a wide screen, light and dark (contrast AA)."""

STYLE = """
:root { color-scheme: light dark; --back: #dfe8e3; --sheet: #f6f9f7; --text: #14201f; --quiet: #475756;
  --bubble: #ffffff; --said: #d6f0c9; --button: #3b5f59; --on-button: #ffffff; --line: #b9c7c2; --right: #0b6b4f;
  --link: #0a5a7d; }
@media (prefers-color-scheme: dark) {
  :root { --back: #0f1716; --sheet: #17211f; --text: #e8efec; --quiet: #a9bab6; --bubble: #1f2c2b;
    --said: #24493b; --button: #35504c; --on-button: #ffffff; --line: #3a4f4c; --right: #6fd3ae; --link: #8ccbe8; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 34rem; background: var(--back); color: var(--text);
  font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
header { background: var(--sheet); padding: 1.2rem 1rem; border-bottom: 1px solid var(--line); }
h1 { font-size: 1.4rem; line-height: 1.2; margin: 0 0 .4rem; }
header p { margin: 0 0 .5rem; color: var(--quiet); font-size: .9rem; }
fieldset { border: 0; margin: .8rem 0 0; padding: 0; display: grid; gap: .4rem; }
legend { font-weight: 600; font-size: .9rem; padding: 0; margin-bottom: .4rem; }
label { display: flex; align-items: center; gap: .6rem; min-height: 2.75rem; padding: .4rem .8rem; cursor: pointer;
  border: 1px solid var(--line); border-radius: .7rem; background: var(--bubble); }
label:has(:checked) { border-color: var(--right); box-shadow: inset 0 0 0 1px var(--right); font-weight: 600; }
input { accent-color: var(--right); width: 1.1rem; height: 1.1rem; margin: 0; flex: none; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
section { padding: 1.2rem 1rem 4rem; }
h2 { font-size: 1.2rem; line-height: 1.25; margin: 0; }
.about, .note { color: var(--quiet); font-size: .85rem; margin: .2rem 0 0; overflow-wrap: anywhere; }
nav { background: var(--sheet); border-radius: .7rem; padding: .3rem .8rem; margin: .8rem 0 0; }
nav ol, .touches, .buttons, .options { list-style: none; margin: 0; padding: 0; }
nav li + li { border-top: 1px solid var(--line); }
nav a { display: flex; gap: .6rem; padding: .5rem 0; color: var(--link); text-decoration: none; }
nav a:hover { text-decoration: underline; }
.when { flex: none; width: 3.6rem; color: var(--quiet); font-variant-numeric: tabular-nums; }
.touch { margin-top: 1.8rem; padding-top: 1rem; border-top: 1px solid var(--line); scroll-margin-top: .5rem; }
h3 { font-size: 1rem; line-height: 1.3; margin: 0; }
h3 time { display: block; font-size: .85rem; font-weight: 500; color: var(--quiet); }
.chat { margin-top: .7rem; }
.message { width: fit-content; min-width: 60%; max-width: 92%; margin: 0 0 .6rem; }
.bubble { background: var(--bubble); border-radius: .3rem 1rem 1rem 1rem; overflow: hidden;
  box-shadow: 0 1px 1px #0002; }
.text { padding: .55rem .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.bubble img { display: block; width: 100%; height: auto; }
.said { width: fit-content; max-width: 82%; margin: 0 0 .6rem auto; padding: .45rem .8rem; background: var(--said);
  border-radius: 1rem .3rem 1rem 1rem; overflow-wrap: anywhere; }
.said.tapped { background: none; border: 1px dashed var(--quiet); font-size: .9rem; }
.said.tapped::before { content: "ketuk "; color: var(--quiet); }
.buttons { display: grid; gap: .25rem; margin-top: .25rem; }
.buttons li { display: flex; gap: .25rem; }
.button { flex: 1 1 0; min-width: 0; display: grid; place-items: center; min-height: 2.4rem; padding: .3rem .4rem;
  background: var(--button); color: var(--on-button); border-radius: .5rem; font-size: .9rem; line-height: 1.2;
  text-align: center; overflow-wrap: anywhere; }
.poll { padding: .6rem .8rem .8rem; }
.poll p { margin: 0; overflow-wrap: anywhere; }
.question { font-weight: 600; }
.poll .kind { color: var(--quiet); font-size: .85rem; margin: .1rem 0 .3rem; }
.options li { position: relative; padding: .4rem 0 .4rem 1.9rem; }
.options li::before { content: ""; position: absolute; left: 0; top: .5rem; width: 1.15rem; height: 1.15rem;
  border: 2px solid var(--quiet); border-radius: 50%; }
.options .right b { color: var(--right); font-weight: 600; }
.options .right::before { content: "\\2713"; border-color: var(--right); background: var(--right); color: var(--bubble);
  font-size: .8rem; font-weight: 700; line-height: 1; display: grid; place-items: center; }
.poll .why { margin-top: .4rem; padding: .5rem .6rem; border-left: 3px solid var(--right); background: var(--back);
  border-radius: .3rem; font-size: .9rem; }
details { margin: 0 0 .6rem; }
details[open] { padding-left: .7rem; border-left: 2px solid var(--line); }
.up { margin: 2rem 0 0; }
.up a { display: inline-block; padding: .5rem 0; color: var(--link); }
summary { color: var(--link); font-size: .9rem; padding: .4rem 0; cursor: pointer; }
details[open] summary { margin-bottom: .4rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media print { section { display: block !important; } .touch { break-inside: avoid; } }
"""
