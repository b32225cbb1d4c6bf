/* Plays the frames of one .bayestuner-player. A position is the number of a frame; it changes at once, and drawing
   follows as fast as pictures are decoded, so that no key press waits for a picture or is lost. */
(root => {
  "use strict";
  const film = JSON.parse(root.querySelector("script[type='application/json']").textContent);
  const frames = film.frames.map(([ms, phase, step, caption, key, x, y, png]) => ({ms, phase, step, caption, key, x, y, png}));
  const canvas = root.querySelector("canvas");
  const context = canvas.getContext("2d");
  const slider = root.querySelector("input");
  const caption = root.querySelector(".caption");
  const list = [...root.querySelectorAll("li")];
  const button = name => root.querySelector(`[data-do="${name}"]`);
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  /* ---- places: the frames where a phase has settled, and the whole pictures, one where an iteration begins */
  const keys = frames.flatMap((frame, at) => frame.key ? [at] : []);
  const whole = [];                          /* of each frame: the last whole picture up to it */
  const keyNumber = [];                      /* of each frame: the number of the key frame that ends its phase */
  frames.forEach((frame, at) => {
    whole.push(at > 0 && frames[at - 1].step === frame.step ? whole[at - 1] : at);
    keyNumber.push(Math.min(keys.filter(key => key < at).length, keys.length - 1));
  });

  let position = keys[0], shown = -1, drawing = false, playing = false, timer = 0, due = 0, speed = 1;

  /* ---- drawing */
  const pictures = new Map();
  const picture = at => {
    if (!pictures.has(at)) {
      pictures.set(at, new Promise((resolve, reject) => {
        const image = new Image();
        image.onload = () => resolve(image);
        image.onerror = () => reject(new Error(`frame ${at} cannot be decoded`));
        image.src = "data:image/png;base64," + frames[at].png.replace(/-/g, "+").replace(/_/g, "/");
      }));
    }
    return pictures.get(at);
  };
  const paint = async () => {
    if (drawing) return;
    drawing = true;
    try {
      while (shown !== position) {
        const goal = position;
        const from = shown >= whole[goal] && shown < goal ? shown + 1 : whole[goal];
        const needed = frames.slice(from, goal + 1).map((_, i) => from + i);
        const images = await Promise.all(needed.map(picture));
        images.forEach((image, i) => context.drawImage(image, frames[needed[i]].x, frames[needed[i]].y));
        shown = goal;
        root.dataset.shown = shown;
      }
    } finally {
      drawing = false;
    }
  };

  const tell = words => {
    if (caption.dataset.of === String(frames[position].caption)) return;
    caption.dataset.of = frames[position].caption;
    caption.replaceChildren(...words.map(line => {
      const span = document.createElement("span");
      span.textContent = line + " ";
      return span;
    }));
  };
  const show = () => {
    const frame = frames[position], number = keyNumber[position];
    root.dataset.position = position;
    slider.value = number;
    slider.style.setProperty("--done", `${100 * number / Math.max(keys.length - 1, 1)}%`);
    slider.setAttribute("aria-valuetext", `${number + 1} of ${keys.length}: ${film.phases[frame.phase]}`);
    root.querySelector("output").textContent = `${number + 1} / ${keys.length}`;
    phaseButtons.forEach((chip, phase) => {
      chip.setAttribute("aria-pressed", phase === frame.phase);
      chip.disabled = keyOf(frame.step, phase) === undefined;
    });
    list.forEach((item, i) => i === number ? item.setAttribute("aria-current", "true") : item.removeAttribute("aria-current"));
    tell(film.captions[frame.caption]);
    paint();
  };

  /* ---- moving */
  const settled = at => still.matches ? keys[keyNumber[at]] : at;
  const go = to => {
    position = settled(Math.min(Math.max(to, 0), frames.length - 1));
    if (playing) { due = performance.now(); wait(); }
    show();
  };
  const before = () => keys.filter(key => key < position).pop() ?? keys[0];
  const after = () => keys.find(key => key > position) ?? frames.length - 1;
  const keyOf = (step, phase) => keys.find(key => frames[key].step === step && frames[key].phase === phase);
  const iteration = move => {
    const {step, phase} = frames[position];
    return keyOf(step + move, phase) ?? keys.find(key => frames[key].step === step + move) ?? position;
  };

  /* ---- playing: each frame has a time at which it is due, so that delays do not add up */
  const wait = () => {
    clearTimeout(timer);
    due += frames[position].ms / speed;
    timer = setTimeout(next, Math.max(0, due - performance.now()));
    if (position + 1 < frames.length) picture(settled(position + 1));
  };
  const next = () => {
    if (position === frames.length - 1) return pause();
    position = still.matches ? after() : position + 1;
    wait();
    show();
  };
  const mark = () => {
    root.toggleAttribute("data-playing", playing);
    button("play").setAttribute("aria-label", playing ? "Pause" : "Play");
  };
  const play = () => {
    if (position === frames.length - 1) position = settled(0);
    playing = true;
    due = performance.now();
    wait();
    mark();
    show();
  };
  const pause = () => {
    playing = false;
    clearTimeout(timer);
    mark();
  };
  const toggle = () => playing ? pause() : play();
  const pace = value => {
    speed = value;
    root.querySelectorAll("[data-speed]").forEach(b => b.setAttribute("aria-pressed", Number(b.dataset.speed) === speed));
    if (playing) { due = performance.now(); wait(); }
  };

  /* ---- buttons, slider, keys */
  const acts = {
    first: () => go(keys[0]), back: () => go(before()), play: toggle, forward: () => go(after()), last: () => go(frames.length - 1),
  };
  Object.entries(acts).forEach(([name, act]) => button(name).addEventListener("click", act));
  root.querySelectorAll("[data-speed]").forEach(b => b.addEventListener("click", () => pace(Number(b.dataset.speed))));
  const phaseButtons = film.phases.length < 2 ? [] : film.phases.map((name, phase) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.textContent = name;
    chip.title = `${name} (${phase + 1})`;
    chip.addEventListener("click", () => go(keyOf(frames[position].step, phase) ?? position));
    root.querySelector(".phases").append(chip);
    return chip;
  });
  canvas.addEventListener("click", toggle);
  slider.max = keys.length - 1;
  slider.addEventListener("input", () => go(keys[Number(slider.value)]));

  const shortcuts = {
    " ": toggle, k: toggle, Home: acts.first, End: acts.last, ArrowLeft: acts.back, ArrowRight: acts.forward,
    ArrowUp: () => go(iteration(-1)), ArrowDown: () => go(iteration(1)),
  };
  const frameByFrame = {
    ArrowLeft: () => still.matches ? acts.back() : go(position - 1),
    ArrowRight: () => go(position + 1),
  };
  const actOf = event => {
    if (/^[1-5]$/.test(event.key)) return () => go(keyOf(frames[position].step, Number(event.key) - 1) ?? position);
    if (event.shiftKey && frameByFrame[event.key]) return frameByFrame[event.key];
    return shortcuts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  };
  document.addEventListener("keydown", event => {
    const elsewhere = document.activeElement && document.activeElement !== document.body;
    const alone = document.querySelectorAll(".bayestuner-player").length === 1;
    if (!root.contains(event.target) && (elsewhere || !alone)) return;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && event.target.closest?.("button, summary")) return;      /* these have their own use of it */
    const act = actOf(event);
    if (!act) return;
    event.preventDefault();
    if (!(event.repeat && act === toggle)) act();
  });
  root.addEventListener("mousedown", event => {        /* after a click, keys are the player's, not the button's */
    if (event.target.closest("button, canvas")) {
      event.preventDefault();
      root.focus({preventScroll: true});
    }
  });
  still.addEventListener("change", () => go(position));

  /* ---- alone in a window: picture and buttons fit into it; inside a notebook: as high as the content */
  root.toggleAttribute("data-alone", window === window.top);
  const outer = window.frameElement;
  if (outer && outer.hasAttribute("data-fit")) {
    new ResizeObserver(() => { outer.style.height = `${document.documentElement.offsetHeight}px`; }).observe(root);
  }

  root.dataset.ready = "";
  show();
})(document.currentScript.closest(".bayestuner-player"));
