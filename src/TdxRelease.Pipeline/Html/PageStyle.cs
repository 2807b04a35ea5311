namespace TdxRelease.Pipeline.Html;

/// <summary>
/// The one style of our pages: light and dark, wide and narrow, on paper. No font, no picture; colour never says anything alone.
/// </summary>
internal static class PageStyle
{
    public const string Text = """
        :root{color-scheme:light dark;--bg:#f4f6f8;--card:#fff;--fg:#17202a;--dim:#55626f;--edge:#dce2e8;--link:#0b5cad;
          --ok:#0f6b2d;--bad:#b3261e;--mid:#8a5600;--pick:#e7f1fc}
        @media (prefers-color-scheme:dark){:root{--bg:#0b0f14;--card:#11161c;--fg:#e8edf2;--dim:#9aa8b6;--edge:#2a323c;--link:#7cbcff;
          --ok:#6fdc8c;--bad:#ff8a80;--mid:#e8b04a;--pick:#16273a}}
        *{box-sizing:border-box}
        body{margin:0;font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
          color:var(--fg);background:var(--bg)}
        header,nav,main,footer{max-width:78rem;margin:0 auto;padding:0 1.25rem}
        header{padding-top:2rem}h1{font-size:1.75rem;line-height:1.25;margin:0 0 .4rem}h2{font-size:1.25rem;margin:0 0 .8rem}
        h3{font-size:1.05rem;margin:1.6rem 0 .5rem}h4{font-size:1rem;margin:0 0 .5rem}
        header p{margin:.2rem 0;color:var(--dim);overflow-wrap:anywhere}
        nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;padding:0;margin:1rem 0}
        a{color:var(--link)}a:focus-visible,input:focus-visible,select:focus-visible,.scroll:focus-visible,summary:focus-visible{
          outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
        .skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.4rem .8rem}
        section{background:var(--card);border:1px solid var(--edge);border-radius:10px;padding:1.1rem 1.25rem;margin:0 0 1.1rem}
        section section{border:0;border-radius:0;padding:0;margin:0 0 1.5rem}
        .scroll{overflow-x:auto;max-width:100%}table{border-collapse:collapse;width:100%;margin:.3rem 0 .8rem}
        caption{text-align:left;color:var(--dim);font-size:.87rem;padding:.2rem 0}
        th,td{text-align:left;vertical-align:top;padding:.38rem .9rem .38rem 0;border-bottom:1px solid var(--edge);
          font-variant-numeric:tabular-nums}
        thead th{font-size:.82rem;color:var(--dim);font-weight:600;white-space:nowrap}
        tbody th{font-weight:600;white-space:nowrap}tbody tr:last-child>*{border-bottom:0}
        .hash{font:.8rem/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere;min-width:19rem}
        .long{overflow-wrap:anywhere;min-width:14rem}.keep{white-space:nowrap}
        .yes{color:var(--ok)}.no{color:var(--bad)}.unknown{color:var(--mid)}td.no{font-weight:700}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.2rem;margin:0}
        dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
        figure{margin:.6rem 0 1rem}svg{display:block}
        .cards{display:flex;flex-wrap:wrap;gap:.6rem;list-style:none;margin:1rem 0 .4rem;padding:0}
        .cards li{border:1px solid var(--edge);border-radius:8px;padding:.35rem .9rem;background:var(--card)}
        .cards strong{display:block;font-size:1.15rem}
        .ask{display:flex;flex-wrap:wrap;gap:.6rem 1.4rem;align-items:end;margin:.4rem 0 .8rem}.ask[hidden]{display:none}
        fieldset{border:0;margin:0 0 .8rem;padding:0;display:flex;flex-wrap:wrap;gap:.35rem}
        legend,.ask label{font-size:.87rem;color:var(--dim);padding:0 0 .25rem}
        .ask select{display:block;font:inherit;padding:.3rem .5rem;margin-top:.2rem;
          color:var(--fg);background:var(--card);border:1px solid var(--dim);border-radius:6px;max-width:100%}
        fieldset label{display:inline-flex;gap:.35rem;align-items:center;border:1px solid var(--edge);border-radius:6px;
          padding:.2rem .6rem;cursor:pointer}
        fieldset input{margin:0}fieldset label:has(:checked){background:var(--pick);border-color:var(--link)}
        .answer{border-left:4px solid var(--link);background:var(--pick);border-radius:0 8px 8px 0;padding:.8rem 1rem;margin:0 0 1rem}
        .answer:empty{display:none}.answer ol,.answer ul{margin:.2rem 0 .6rem;padding-left:1.4rem}.answer p{margin:.3rem 0}
        svg.ask-me .node{cursor:pointer}svg.picked .node{opacity:.4}svg.picked .node.on,svg.picked .node.run{opacity:1}
        .node.run .box{stroke:var(--link);stroke-width:3}.node.on .box{stroke:var(--link);stroke-width:2}
        .way{fill:none;stroke:var(--link);stroke-width:4.5;stroke-linecap:round;opacity:.75}
        footer{color:var(--dim);padding-bottom:2rem;font-size:.87rem}
        @media (max-width:40rem){header,nav,main,footer{padding-left:.8rem;padding-right:.8rem}section{padding:.8rem}
          dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .5rem}h1{font-size:1.4rem}}
        @media print{body{background:#fff}section{break-inside:avoid}nav,.ask,.skip{display:none}}
        """;
}
